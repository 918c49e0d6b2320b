# SPDX-License-Identifier: Apache-2.0
"""What a script makes the mock of the provider's API do to its replies."""
import base64
import gzip
import http.client
import json
import socket
import ssl
import time
import unittest
import zlib

from mockapi import ACTIVITIES, CLOCK, ORG, Mock, MockTest


class Faults(MockTest):
    def fault(self, what, match=None, **options):
        return self.mock({"faults": [{"match": match or {}, "do": what}]}, **{**CLOCK, **options})

    def test_a_status_with_what_belongs_to_it(self):
        for status, kind in ((429, "rate_limit_error"), (500, "api_error"), (529, "overloaded_error")):
            mock = self.fault({"status": status, "retry_after": 7, "x_should_retry": False})
            reply = mock.get(ORG + "/me")
            self.assertEqual((reply.status, reply.error[0]), (status, kind))
            self.assertEqual((reply.headers["retry-after"], reply.headers["x-should-retry"]), ("7", "false"))
            mock.stop()

    def test_bodies(self):
        mock = self.fault({"status": 502, "body": "<html>", "content_type": "text/html",
                           "retry_after": "Sun, 01 Nov 2026 12:00:09 GMT", "headers": {"x-a": "b", "request-id": None}})
        reply = mock.get(ORG + "/me")
        self.assertEqual((reply.status, reply.body, reply.headers["content-type"]), (502, b"<html>", "text/html"))
        self.assertEqual((reply.headers["x-a"], reply.headers["request-id"]), ("b", None))
        mock.script({"faults": [{"do": {"status": 503, "body": ""}}]})
        self.assertEqual(mock.get(ORG + "/me").body, b"")
        mock.script({"faults": [{"do": {"oversized": 3_000_000}}]})
        self.assertEqual(len(mock.get(ORG + "/me").body), 3_000_000)
        mock.script({"faults": [{"do": {"redirect": "https://elsewhere.test/"}}]})
        reply = mock.get(ORG + "/me")
        self.assertEqual((reply.status, reply.headers["location"]), (302, "https://elsewhere.test/"))
        mock.script({"faults": [{"do": {"reply": {"status": 200, "body": {"data": [1]}, "headers": {"x-b": "c"}}}}]})
        reply = mock.get(ORG + "/me")
        self.assertEqual((reply.status, reply.json, reply.headers["x-b"]), (200, {"data": [1]}, "c"))
        mock.stop()

    def test_which_requests_are_hit(self):
        mock = self.fault({"status": 500}, {"method": "GET", "path": ORG + "/m*", "nth": 2})
        self.assertEqual([mock.get(p).status for p in (ORG + "/me", ORG + "/users", ORG + "/me", ORG + "/me")],
                         [200, 200, 500, 200])
        mock.script({"faults": [{"match": {"every": 3}, "do": {"status": 500}}]})
        self.assertEqual([mock.get(ORG + "/me").status for _ in range(6)], [200, 200, 500, 200, 200, 500])
        mock.script({"faults": [{"match": {"times": 2}, "do": {"status": 500}}, {"do": {"status": 503}}]})
        self.assertEqual([mock.get(ORG + "/me").status for _ in range(3)], [500, 500, 503])
        mock.script({"faults": [{"match": {"query": "limit=3"}, "do": {"status": 500}}]})
        self.assertEqual([mock.get(ORG + "/users", query={"limit": n}).status for n in (2, 3)], [200, 500])
        self.assertEqual(mock.state()["fired"], [1])
        mock.stop()

    def test_a_write_may_be_carried_out_before_it_fails(self):
        body = {"email": "n@example.com", "role": "user"}
        for executed in (False, True):
            mock = self.fault({"status": 500, "executed": executed}, {"method": "POST"})
            self.assertEqual(mock.ask("POST", ORG + "/invites", body=body).status, 500)
            found = mock.get(ORG + "/invites", query={"email": body["email"]}).json["data"]
            self.assertEqual(len(found), executed)
            mock.stop()

    def test_bodies_that_do_not_parse(self):
        mock = self.fault({"invalid_json": True})
        with self.assertRaises(json.JSONDecodeError):
            _ = mock.get(ORG + "/users").json
        mock.script({"faults": [{"do": {"truncate_json": True}}]})
        with self.assertRaises(json.JSONDecodeError):
            _ = mock.get(ORG + "/users").json
        mock.script({"faults": [{"do": {"bad_gzip": True}}]})
        reply = mock.get(ORG + "/users", accept_encoding="gzip")
        self.assertEqual(reply.headers["content-encoding"], "gzip")
        with self.assertRaises((zlib.error, EOFError, OSError)):
            gzip.decompress(reply.body)
        mock.stop()

    def test_a_long_reply_is_compressed_for_whom_asks(self):
        with Mock(**CLOCK) as mock:
            plain = mock.get(ORG + "/users")
            packed = mock.get(ORG + "/users", accept_encoding="br;q=0.1, gzip")
            self.assertNotIn("content-encoding", plain.headers)
            self.assertEqual(gzip.decompress(packed.body), plain.body)

    def test_rows_come_again(self):
        mock = self.fault({"duplicate": 3}, {"query": "after_id"})
        for path, kind in ((ORG + "/users", "admin"), (ACTIVITIES, "admin")):
            first = mock.get(path, kind, {"limit": 5}).json
            second = mock.get(path, kind, {"limit": 5, "after_id": first["last_id"]}).json
            self.assertEqual(second["data"][:3], first["data"][2:])
        mock.stop()

    def test_late_rows_appear_behind_the_newest(self):
        mock = self.fault({"late": {"count": 2, "seconds": 90}}, {"path": ACTIVITIES, "nth": 1})
        before = [a["id"] for a in mock.get(ACTIVITIES).json["data"]]
        mock.advance(10)
        rows = mock.get(ACTIVITIES).json["data"]
        late = [a for a in rows if a["id"] not in before]
        self.assertEqual([a["created_at"] for a in late], ["2026-11-01T11:58:30Z"] * 2)
        mock.stop()

    def test_rows_out_of_order_and_expired_cursors(self):
        mock = self.fault({"out_of_order": True}, {"nth": 1})
        mixed, straight = (mock.get(ACTIVITIES, query={"limit": 6}).json for _ in range(2))
        self.assertNotEqual(mixed["data"], straight["data"])
        self.assertEqual({a["id"] for a in mixed["data"]}, {a["id"] for a in straight["data"]})
        self.assertEqual(mixed["last_id"], straight["last_id"])
        mock.script({"faults": [{"do": {"expired_cursor": True}}]})
        reply = mock.get(ACTIVITIES, query={"after_id": straight["last_id"]})
        self.assert_refused(reply, 400, "invalid_request_error", "No activity found for `after_id`")
        self.assertEqual(json.loads(base64.b64decode(straight["last_id"]))["id"], straight["data"][-1]["id"])
        mock.stop()

    def test_the_date_may_be_wrong(self):
        mock = self.fault({"clock_skew": -3600})
        self.assertEqual(mock.get(ORG + "/me").headers["date"], "Sun, 01 Nov 2026 11:00:00 GMT")
        mock.stop()

    def test_a_slow_reply(self):
        mock = self.fault({"delay_ms": 200, "bytes_per_second": 2000})
        started = time.monotonic()
        reply = mock.get(ORG + "/me")
        self.assertEqual(reply.json["type"], "organization")
        self.assertGreater(time.monotonic() - started, 0.2)
        mock.stop()

    def test_a_slow_reply_does_not_hold_the_end_up(self):
        mock = self.fault({"bytes_per_second": 1})
        connection = mock.connection()
        connection.request("GET", ORG + "/me", headers=mock.headers("admin"))
        while mock.state()["requests"] == 0:
            time.sleep(0.01)
        mock.stop()  # waits for a minute at most, and the reply takes five
        connection.close()

    def test_a_reply_is_cut(self):
        for plain in (True, False):
            mock = self.fault({"cut": 10}, plain=plain)
            with self.assertRaises((http.client.IncompleteRead, ssl.SSLEOFError)) as caught:
                mock.get(ORG + "/me")
            if plain:
                self.assertEqual(len(caught.exception.partial), 10)
            mock.stop()

    def test_the_length_may_be_wrong(self):
        mock = self.fault({"wrong_length": 5}, plain=True)
        with self.assertRaises(http.client.IncompleteRead) as caught:
            mock.get(ORG + "/me")
        self.assertEqual(caught.exception.expected, 5)
        mock.script({"faults": [{"do": {"wrong_length": -5}}]})
        with self.assertRaises(json.JSONDecodeError):
            _ = mock.get(ORG + "/me").json
        mock.stop()

    def receive(self, mock, path):
        """The bytes of a reply up to the end, and what ended it. TLS is done on bytes that this end reads itself: the
        ssl module's sockets take a reset for an end."""
        lines = [f"GET {path} HTTP/1.1", "host: localhost"]
        lines += [f"{name}: {value}" for name, value in mock.headers("admin").items()]
        request = ("\r\n".join(lines) + "\r\n\r\n").encode()
        with socket.create_connection(("localhost", mock.port), timeout=30) as peer:
            if mock.plain:
                peer.sendall(request)
                return self.receive_all(peer, lambda data: data)
            incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
            tls = ssl.create_default_context(cafile=mock.ca_file).wrap_bio(incoming, outgoing,
                                                                           server_hostname="localhost")
            while True:
                try:
                    tls.do_handshake()
                    break
                except ssl.SSLWantReadError:
                    peer.sendall(outgoing.read())
                    incoming.write(peer.recv(65536))
            tls.write(request)
            peer.sendall(outgoing.read())
            return self.receive_all(peer, lambda data: self.decrypt(tls, incoming, data))

    @staticmethod
    def decrypt(tls, incoming, data):
        incoming.write(data)
        plain = b""
        try:
            while more := tls.read(65536):
                plain += more
        except ssl.SSLWantReadError:
            pass
        return plain

    @staticmethod
    def receive_all(peer, decode):
        got = b""
        try:
            while more := peer.recv(65536):
                got += decode(more)
            return got, None
        except OSError as error:
            return got, error

    def test_a_reset_comes_after_any_number_of_bytes(self):
        mock = self.fault({"cut": 1_000_000}, plain=True)
        whole, _ = self.receive(mock, ORG + "/me")
        head = whole.index(b"\r\n\r\n") + 4
        self.assertEqual(len(whole), head + 93)
        for at in (*range(0, head + 4), len(whole) - 1, len(whole)):
            mock.script({"faults": [{"do": {"reset_at": at}}]})
            got, error = self.receive(mock, ORG + "/me")
            self.assertEqual(len(got), at)
            self.assertIsInstance(error, ConnectionResetError)
        mock.stop()

    def test_a_reset_of_tls_counts_what_is_inside(self):
        mock = self.fault({"reset_at": 0})
        for at in (0, 1, 17, 150, 300):
            mock.script({"faults": [{"do": {"reset_at": at}}]})
            got, error = self.receive(mock, ORG + "/me")
            self.assertEqual(len(got), at)
            self.assertIsInstance(error, ConnectionResetError)
        mock.stop()

    def test_the_log_names_the_fault(self):
        mock = self.fault({"status": 503, "retry_after": 1})
        mock.get(ORG + "/me")
        mock.stop()
        self.assertEqual(mock.lines[0]["fault"], "status 503 retry_after")


if __name__ == "__main__":
    unittest.main()
