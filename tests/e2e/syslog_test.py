# SPDX-License-Identifier: Apache-2.0
"""The syslog sinks against real receivers, and against TLS servers that should not be trusted."""
import os
import re
import socket
import ssl
import threading
import time
import unittest

import receivers
from sinkprobe import SinkProbe
from support import once, SkantTest

STREAMS = ("tcp", "tls", "relp", "relp+tls")


class SyslogTest(SkantTest):
    """What the classes below share."""

    @staticmethod
    def host(transport):
        """By UDP only a second datagram tells that nobody listens at the first of a name's addresses."""
        return "127.0.0.1" if transport == "udp" else "localhost"

    def probe(self, count, transport, *, where=None, certs=None, client="client", **settings):
        """A sink to receiver's port for the transport, or to where."""
        if where is None:
            where = self.receiver.socket if transport == "unix" else f"{self.host(transport)}:{self.receiver.ports[transport]}"
            certs = self.receiver.certs
        if transport.endswith("tls"):
            own = f", cert_file: '{certs}/{client}.pem', key_file: '{certs}/{client}.key'" if client else ""
            name = f", server_name: {settings.pop('server_name')}" if "server_name" in settings else ""
            settings["tls"] = f"{{ca_file: '{certs}/ca.pem'{own}{name}}}"
        settings.setdefault("format", "rfc5424")
        return SinkProbe(self, count, "syslog", transport=transport, address=f"'{where}'", **settings)

    def deliver_all(self, sink, first, last, *words):
        answer = sink.deliver(first, last, *words)
        self.assertEqual((answer["result"], answer["confirmed"]), ("ok", last), answer["error"])
        return answer

    def finish(self, sink):
        self.assertEqual(sink.ask("finish")["result"], "ok")
        self.assertEqual(sink.quit(), 0)


class ReceiverTests:
    """For each receiver."""

    def _all_arrive(self, transport, count):
        sink = self.probe(count, transport)
        self.deliver_all(sink, 1, count)
        self.finish(sink)
        self.assertEqual(self.receiver.wait_for(count), list(range(1, count + 1)))

    def test_tcp(self):
        self._all_arrive("tcp", 20000)

    def test_tls(self):
        self._all_arrive("tls", 20000)

    def test_local_socket(self):
        self._all_arrive("unix", 5000)

    def test_udp(self):
        self._all_arrive("udp", 2000)

    def test_a_message_keeps_its_parts(self):
        sink = self.probe(10, "tcp")
        self.deliver_all(sink, 1, 10)
        self.finish(sink)
        self.receiver.wait_for(10)
        first, last = self.receiver.lines()[0], self.receiver.lines()[9]
        for line, priority in ((first, b"pri=110 "), (last, b"pri=107 ")):
            self.assertIn(priority, line)
            self.assertIn(b"app=skantd msgid=platform_api_key_created sd=[anthropic@32473 ", line)
            self.assertIn(b'actorEmail="someone@example.com"', line)
        self.assertRegex(first, rb'skantSeq="1" .*skantHash="[0-9a-f]{64}" .*skantChain="[0-9a-f]{64}"')

    def test_json_goes_over_syslog_as_the_message(self):
        sink = self.probe(1, "tcp", format="json")
        self.deliver_all(sink, 1, 1)
        self.finish(sink)
        self.receiver.wait_for(1)
        self.assertRegex(self.receiver.lines()[0], rb'msg=.*\{"schema":"skant-event/1","seq":1,.*"upstream":\{.*\}\}$')

    def test_a_receiver_that_was_started_again_loses_nothing_that_is_sent_again(self):
        for transport in self.streams:
            with self.subTest(transport):
                sink = self.probe(200, transport)
                self.deliver_all(sink, 1, 100)
                self.receiver.wait_for(100)
                self.receiver.restart()
                self.assertEqual(sink.ask("idle")["result"], "lost")
                self.deliver_all(sink, 1, 200, "doubtful")
                self.finish(sink)
                self.receiver.wait_for(200)
                self.assertTrue(any(b'skantReplay="1"' in line for line in self.receiver.lines()))
                os.unlink(self.receiver.output)
                self.receiver.restart()

    def test_a_stop_does_not_wait_for_one_that_does_not_read(self):
        for transport in self.streams:
            with self.subTest(transport):
                sink = self.probe(20000, transport)
                self.deliver_all(sink, 1, 10)
                self.receiver.freeze()
                self.addCleanup(self.receiver.thaw)
                sink.begin("deliver 11 20000")
                time.sleep(0.5)
                started = time.monotonic()
                sink.stop()
                answer = sink.answer()
                self.assertEqual(answer["result"], "retry", answer)
                self.assertIn("stopped", answer["error"])
                self.assertLess(time.monotonic() - started, 5)
                sink.kill()
                self.receiver.thaw()


@once
@unittest.skipIf(receivers.NO_RSYSLOG, receivers.NO_RSYSLOG)
class RsyslogTest(ReceiverTests, SyslogTest):
    streams = STREAMS

    def setUp(self):
        super().setUp()
        self.receiver = receivers.Rsyslog(self, self.path("rsyslog"))

    def test_relp(self):
        self._all_arrive("relp", 20000)

    def test_relp_over_tls(self):
        self._all_arrive("relp+tls", 5000)

    def test_kill_in_the_midst(self):
        for transport in STREAMS:
            with self.subTest(transport):
                sink = self.probe(300000, transport)
                sink.begin("deliver 1 300000")
                while not self.receiver.numbers():
                    time.sleep(0.01)
                self.receiver.kill()
                answer = sink.answer()
                self.assertEqual(answer["result"], "lost", answer)
                self.assertLess(answer["confirmed"], 300000)
                self.assertEqual(sink.deliver(1, 1)["result"], "retry")
                self.receiver.start()
                last = answer["confirmed"] + 1000
                self.deliver_all(sink, 1, last, "doubtful")
                self.finish(sink)
                self.assertEqual(set(self.receiver.wait_for(last)) & set(range(1, last + 1)), set(range(1, last + 1)))
                os.unlink(self.receiver.output)
                self.receiver.restart()

    def test_a_probe_shows_where_messages_are_split(self):
        sink = self.probe(1, "tcp", max_message=0)
        answer = sink.ask("probe")
        self.assertEqual(answer["result"], "good")
        self.assertIn("\n8097 bytes: sent\n", answer["report"])
        self.finish(sink)
        self.receiver.stop()
        whole = [line for line in self.receiver.lines() if line.endswith(b" END") and b"probe-" in line]
        self.assertGreater(len(whole), 4)
        self.assertLess(len(whole), 10)
        self.assertIn(b'activityId="probe-8095"', b"".join(whole))
        self.assertNotIn(b'activityId="probe-16384"', b"".join(whole))

    def test_a_probe_over_relp_tells_answers(self):
        sink = self.probe(1, "relp")
        answer = sink.ask("probe")
        self.assertEqual(answer["result"], "good")
        self.assertIn("\n8096 bytes: sent, answered 200\n", answer["report"])
        self.finish(sink)

    def test_a_local_socket_that_comes_back_is_used_at_once(self):
        sink = self.probe(20, "unix")
        self.deliver_all(sink, 1, 10)
        self.receiver.wait_for(10)
        self.receiver.stop()
        self.assertEqual(sink.deliver(11, 11)["result"], "retry")
        self.receiver.start()
        self.deliver_all(sink, 11, 20)
        self.assertEqual(self.receiver.wait_for(20), list(range(1, 21)))

    def test_a_client_that_is_not_known_needs_a_person(self):
        for transport in ("tls", "relp+tls"):
            for client in ("stranger", None):
                with self.subTest(transport=transport, client=client):
                    sink = self.probe(1, transport, client=client)
                    self.assertIn(sink.deliver(1, 1)["result"], ("broken", "retry"))
                    sink.kill()
        self.assertEqual(self.receiver.numbers(), [])


@once
@unittest.skipIf(receivers.NO_SYSLOG_NG, receivers.NO_SYSLOG_NG)
class SyslogNgTest(ReceiverTests, SyslogTest):
    streams = ("tcp", "tls")

    def setUp(self):
        super().setUp()
        self.receiver = receivers.SyslogNg(self, self.path("syslog-ng"))

    def test_the_end_of_tls_is_one_in_order(self):
        for end in ("finish", "quit"):
            sink = self.probe(1, "tls")
            self.deliver_all(sink, 1, 1)
            if end == "finish":
                self.finish(sink)
            else:
                self.assertEqual(sink.quit(), 0)
        self.receiver.stop()
        self.assertEqual(self.receiver.numbers(), [1, 1])
        self.assertNotRegex(self.receiver.said(), re.compile("error|unexpected", re.IGNORECASE))

    def test_a_probe_shows_where_it_closes(self):
        sink = self.probe(1, "tcp", max_message=100000)
        answer = sink.ask("probe")
        self.assertEqual(answer["result"], "bad")
        self.assertIn("\n65536 bytes: sent\n100000 bytes: NOT TAKEN: ", answer["report"])
        self.assertIn("set max_message to 65536 or less", answer["report"])


class TlsServer:
    """Takes one connection after the other, reads to its end; says what became of it."""

    def __init__(self, test, context):
        self.context = context
        self.ends = []
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.thread = threading.Thread(target=self._run, daemon=True)
        self.thread.start()
        test.addCleanup(self.close)

    def _run(self):
        while True:
            try:
                connection, _ = self.listener.accept()
            except OSError:
                return
            with connection:
                self.ends.append(self._serve(connection))

    def _serve(self, connection):
        connection.settimeout(receivers.PATIENCE)
        try:
            with self.context.wrap_socket(connection, server_side=True, suppress_ragged_eofs=False) as tls:
                data = b""
                while True:
                    more = tls.recv(65536)
                    if not more:
                        return data
                    data += more
        except (OSError, ssl.SSLError) as error:
            return error

    def wait(self, count):
        end = time.monotonic() + receivers.PATIENCE
        while len(self.ends) < count and time.monotonic() < end:
            time.sleep(0.01)
        return self.ends[count - 1]

    def close(self):
        self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()
        self.thread.join(receivers.PATIENCE)


@once
class TlsTest(SyslogTest):
    def setUp(self):
        super().setUp()
        self.certs = self.path("certs")
        receivers.make_certificates(self.certs)

    def serve(self, name="server", **settings):
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(f"{self.certs}/{name}.pem", f"{self.certs}/{name}.key")
        for key, value in settings.items():
            setattr(context, key, value)
        if context.verify_mode != ssl.CERT_NONE:
            context.load_verify_locations(f"{self.certs}/ca.pem")
        return TlsServer(self, context)

    def try_once(self, server, host="localhost", **settings):
        sink = self.probe(1, "tls", where=f"{host}:{server.port}", certs=self.certs, **settings)
        answer = sink.deliver(1, 1)
        sink.quit()
        return answer

    def check_refused(self, server, why, **settings):
        answer = self.try_once(server, **settings)
        self.assertEqual((answer["result"], answer["confirmed"], answer["sent"]), ("broken", 0, 0), answer)
        self.assertRegex(answer["error"], why)
        end = server.wait(1)
        self.assertTrue(isinstance(end, Exception) or end == b"", end)  # nothing came through

    def test_one_that_is_trusted_gets_a_frame_and_an_end_in_order(self):
        for version in (ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3):
            server = self.serve(minimum_version=version, maximum_version=version)
            self.assertEqual(self.try_once(server)["result"], "ok")
            self.assertRegex(server.wait(1), rb"^[0-9]+ <110>1 .*activity_00000001")  # else: an error for a ragged end

    def test_an_address_is_verified_as_well(self):
        self.assertEqual(self.try_once(self.serve(), host="127.0.0.1")["result"], "ok")

    def test_another_host(self):
        self.check_refused(self.serve("wrong-host"), "certificate of localhost cannot be verified, and nothing was")

    def test_the_name_that_is_expected_may_be_given(self):
        self.assertEqual(self.try_once(self.serve("wrong-host"), server_name="elsewhere.test")["result"], "ok")
        self.check_refused(self.serve(), "certificate of elsewhere.test cannot be verified", server_name="elsewhere.test")

    def test_expired(self):
        self.check_refused(self.serve("expired"), "certificate has expired")

    def test_self_signed(self):
        self.check_refused(self.serve("untrusted"), "self-signed certificate|self signed certificate")

    def test_a_server_that_demands_a_certificate_and_gets_none(self):
        for version in (ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3):
            with self.subTest(version):
                server = self.serve(verify_mode=ssl.CERT_REQUIRED, minimum_version=version, maximum_version=version)
                answer = self.try_once(server, client=None)
                self.assertIn(answer["result"], ("broken", "retry"))
                self.assertEqual(answer["sent"], 0)
                self.assertIsInstance(server.wait(1), Exception)
        server = self.serve(verify_mode=ssl.CERT_REQUIRED)
        self.assertEqual(self.try_once(server)["result"], "ok")

    def test_old_versions_are_not_spoken(self):
        server = self.serve(minimum_version=ssl.TLSVersion.TLSv1, maximum_version=ssl.TLSVersion.TLSv1_1)
        self.assertEqual(self.try_once(server)["result"], "retry")

    def test_a_server_without_tls(self):
        listener = socket.create_server(("127.0.0.1", 0))
        self.addCleanup(listener.close)

        def serve():
            connection, _ = listener.accept()
            with connection:
                connection.recv(1000)
                connection.sendall(b"220 no TLS here\r\n")

        thread = threading.Thread(target=serve)
        thread.start()
        sink = self.probe(1, "tls", where=f"localhost:{listener.getsockname()[1]}", certs=self.certs)
        answer = sink.deliver(1, 1)
        thread.join()
        self.assertEqual(answer["result"], "retry", answer)
        self.assertIn("cannot make a TLS connection with localhost", answer["error"])
        sink.quit()

    def test_a_key_with_a_passphrase_is_not_asked_for(self):
        plain, locked = f"{self.certs}/client.key", f"{self.certs}/locked.key"
        receivers.subprocess.run(["openssl", "ec", "-in", plain, "-aes256", "-passout", "pass:x", "-out", locked],
                                 check=True, capture_output=True)
        os.symlink(f"{self.certs}/client.pem", f"{self.certs}/locked.pem")
        answer = self.try_once(self.serve(), client="locked")
        self.assertEqual(answer["result"], "broken", answer)

    def test_files_that_are_not_there(self):
        for name in ("client.pem", "client.key", "ca.pem"):
            with self.subTest(name):
                sink = self.probe(1, "tls", where=f"localhost:{self.serve().port}", certs=self.certs)
                sink.ask("idle")  # the configuration was read
                os.rename(f"{self.certs}/{name}", f"{self.certs}/moved")
                answer = sink.deliver(1, 1)
                os.rename(f"{self.certs}/moved", f"{self.certs}/{name}")
                self.assertEqual(answer["result"], "broken", answer)
                self.assertIn("certificates for localhost cannot be used", answer["error"])
                self.deliver_all(sink, 1, 1)
                sink.quit()


if __name__ == "__main__":
    unittest.main()
