# SPDX-License-Identifier: Apache-2.0
"""skantd's formats, read by parsers that are not ours: Python's, jq's, one of RFC 5424 from its ABNF, rsyslog's; and held
against what ECS and OCSF say of the fields in use (schema/)."""
import functools
import hashlib
import ipaddress
import json
import os
import re
import shutil
import socket
import subprocess
import time
import unittest

from support import SkantTest, make_key

HERE = os.path.dirname(os.path.abspath(__file__))
PROJECT = os.path.dirname(os.path.dirname(HERE))
PROBE = os.environ.get("ENCODEPROBE", os.path.join(PROJECT, "build", "release", "encodeprobe"))
FORMATS = ("json", "ecs", "ocsf", "cef", "rfc5424", "rfc3164")
LEAST = 480  # bytes that every receiver takes: RFC 5424, section 6.1
BOM = "\ufeff"

ACTOR = {"type": "user_actor", "email_address": "anna@example.com", "user_id": "user_01", "ip_address": "192.0.2.34",
         "user_agent": "Mozilla/5.0 (X11)"}
ACTIVITY = {"id": "activity_01", "created_at": "2026-04-10T08:09:10.123456Z", "organization_id": "org_01",
            "actor": ACTOR, "type": "platform_api_key_updated", "api_key_id": "apikey_01", "workspace_id": "wrkspc_01",
            "updates": [{"type": "status", "previous_value": "active", "current_value": "inactive"}]}
CALL = {"peer": {"uid": 1000, "gid": 1000, "pid": 77},
        "record": {"event": "api_call", "timestamp": "2026-04-10T08:09:10Z", "workspace": "ml-prod", "team": "ml",
                   "api_key_id": "apikey_01", "model": "claude-opus-5", "input_tokens": 1500, "output_tokens": 20,
                   "tools_used": ["bash", "web_search"], "stop_reason": "end_turn", "latency_ms": 812,
                   "request_id": "msg_01", "feature": "search"}}
FINDING = {"peer": {"uid": 0, "gid": 0, "pid": 5},
           "record": {"schema": "skant-finding/1", "rule_id": "anthropic-api-key", "kind": "api",
                      "severity": "critical", "title": "Claude API key", "path": "config/dev.py", "start_line": 14,
                      "masked": "sk-ant-api03-Ab1...9zAA", "secret_id": "sha256:00", "fingerprint": "x:y:14"}}
HEARTBEAT = {"type": "skantd.heartbeat", "time": "2026-04-10T08:09:10Z", "message": "1,234 events in an hour"}
IN_CCA = {"id": "act_1", "timestamp": "2026-04-10T08:09:10Z", "type": "messages.create", "user_id": "user_01",
          "organization_id": "org_01", "details": {"model": "claude-opus-5", "input_tokens": 9, "output_tokens": 8,
                                                   "tools_used": ["bash"], "latency_ms": 7, "stop_reason": "end_turn"}}


def request(body, **more):
    """An event for the probe: bytes as they are, anything else as JSON without spaces."""
    text = body if isinstance(body, str) else json.dumps(body, separators=(",", ":"))
    return {"body": text, **more}


BUDGET = {"scope": "team:ml", "period": "daily", "threshold": 80, "used_usd": "8.10", "limit_usd": "10.00",
          "projected_usd": "9.00", "amount_usd": "1.00", "violations": ["a", "b"]}

EVENTS = {
    "activity": request(ACTIVITY, type=ACTIVITY["type"]),
    "call": request(CALL, origin="ingest", type="api_call", feed="apps"),
    "finding": request(FINDING, origin="ingest", type="finding", feed="apps"),
    "heartbeat": request(HEARTBEAT, origin="own", type="skantd.heartbeat", feed="skantd"),
    "cca": request(IN_CCA, origin="cca", type="messages.create"),
    "sign-in": request({"actor": ACTOR}, type="sso_login_succeeded"),
    "sign-out": request({"actor": ACTOR}, type="user_logged_out"),
    "role": request({"actor": ACTOR, "user_id": "user_02", "current_role": "admin"}, type="claude_user_role_updated"),
    "person": request({"actor": ACTOR, "deleted_user_id": "user_02"}, type="org_user_deleted"),
    "nobody": request({"actor": {"type": "system_actor"}}, type="org_user_deleted"),
    "unknown": request({"actor": {"type": "new_actor", "ip_address": "not an address"}}, type="widget_frobnicated"),
    "v6": request({"actor": {**ACTOR, "ip_address": "2001:db8::1"}}, type="widget_frobnicated"),
    "nothing": request("{}", type="x"),
}
EVIL = "a\nb\r\n\t\x00\x01\x1b[31m\x7f\x85\u202e\u2028\"\\]|=}{<>&' é 漢字 🙂"
HOSTILE = {
    "texts": request({"actor": {"type": EVIL, "email_address": EVIL, "user_id": EVIL, "ip_address": EVIL,
                                "user_agent": EVIL}, "workspace_id": EVIL, "model": EVIL, "thing_id": EVIL}),
    "halves": request('{"actor":{"email_address":"\\ud83d","user_agent":"\\udc00\\u0000x"},"api_key_id":"\\udfff"}'),
    "lines": request('{\r\n\t"actor" : {\n"email_address": "a@b" },\n "x":"\x7f"\n}'),
    "long": request({"actor": {**ACTOR, "user_agent": "é" * 20000}, "api_key_id": "漢" * 10000}),
    "numbers": request({"peer": {"uid": 1e300, "pid": -1}, "record": {"model": "m", "input_tokens": 18446744073709551616,
                                                                      "output_tokens": 1.5, "latency_ms": "12"}},
                       origin="ingest"),
    "deep": request('{"actor":' + '{"a":' * 100 + "1" + "}" * 100 + ',"updates":[[[]],{"type":{}},7]}'),
    "types": request('{"actor":[1],"details":"x","updates":{"a":1},"scopes":[1,null,"a"],"api_key_id":{}}'),
    "ids": request("{}", id='"\\' * 128, type='"' * 128, feed="f" * 32, host="h" * 255),
}


def encode(events):
    """[(whether something was left out, class, severity, bytes)] of events that the probe takes."""
    lines = "".join(json.dumps(e) + "\n" for e in events)
    done = subprocess.run([PROBE], input=lines.encode("utf-8", "surrogatepass"), capture_output=True, timeout=120,
                          check=False)
    if done.returncode or done.stderr:
        raise AssertionError(done.stderr.decode("utf-8", "replace"))
    out = [line.split(b" ", 3) for line in done.stdout.split(b"\n")[:-1]]
    if len(out) != len(events):
        raise AssertionError(f"{len(out)} lines of {len(events)} events")
    return [(cut == b"1", kind.decode(), severity.decode(), text) for cut, kind, severity, text in out]


def encode_one(event, **more):
    return encode([{**event, **more}])[0][3].decode()


@functools.lru_cache
def schema(name):
    with open(os.path.join(HERE, "schema", name), encoding="utf-8") as f:
        return json.load(f)


def flat(value, path=""):
    """{path: value} of an object of objects."""
    if not isinstance(value, dict):
        return {path: value}
    found = {}
    for key, inner in value.items():
        found.update(flat(inner, f"{path}.{key}" if path else key))
    return found


def no_twice(pairs):
    """For json.loads: a member that is there twice is an error."""
    keys = [key for key, _ in pairs]
    if len(set(keys)) != len(keys):
        raise ValueError(f"twice: {keys}")
    return dict(pairs)


def parse_5424(line):
    """RFC 5424, section 6, to the letter: {header fields, "element": {...}, "message"}."""
    printable = "[!-~]"
    head = re.match(rf"<(\d|[1-9]\d|1[0-8]\d|19[01])>1 (\d{{4}}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{{1,6}})?Z|-)"
                    rf" ({printable}{{1,255}}) ({printable}{{1,48}}) ({printable}{{1,128}}) ({printable}{{1,32}}) ", line)
    if not head:
        raise ValueError(f"header: {line[:200]!r}")
    name = r"[!#-<>-\\^-~]{1,32}"  # no = ] " and no space
    value = r'"((?:[^"\\\]]|\\["\\\]])*)"'
    element = re.match(rf"\[({name})((?: {name}={value})*)\]", line[head.end():])
    if not element:
        raise ValueError(f"structured data: {line[head.end():][:200]!r}")
    pairs = [(m[1], re.sub(r"\\(.)", r"\1", m[2], flags=re.DOTALL))
             for m in re.finditer(rf" ({name})={value}", element[2])]
    rest = line[head.end() + element.end():]
    if not rest.startswith(" " + BOM):
        raise ValueError(f"message: {rest[:20]!r}")
    return {"pri": int(head[1]), "time": head[2], "host": head[3], "app": head[4], "procid": head[5],
            "msgid": head[6], "id": element[1], "element": no_twice(pairs), "message": rest[2:]}


def parse_cef(line):
    """([header fields], {extension}), escapes resolved."""
    header, at = [], 0
    for _ in range(7):
        m = re.compile(r"((?:[^|\\]|\\[|\\])*)\|").match(line, at)
        header.append(re.sub(r"\\(.)", r"\1", m[1]))
        at = m.end()
    pairs, rest = [], line[at:]
    starts = list(re.finditer(r"(?:^| )([A-Za-z0-9]+)=", rest))
    for i, m in enumerate(starts):
        end = starts[i + 1].start() if i + 1 < len(starts) else len(rest)
        text = rest[m.end():end]
        if re.search(r"(?<!\\)(?:\\\\)*=", text) or re.search(r"\\[^\\=nr]", text.replace("\\\\", "")):
            raise ValueError(text)
        pairs.append((m[1], re.sub(r"\\(.)", lambda e: {"n": "\n", "r": "\r"}.get(e[1], e[1]), text)))
    return header, no_twice(pairs)


class Types(unittest.TestCase):
    def test_each_published_type_has_its_class_and_severity(self):
        with open(os.path.join(HERE, "schema", "activity_types"), encoding="utf-8") as f:
            rows = [line.split() for line in f if not line.startswith("#")]
        self.assertGreater(len(rows), 467)
        found = encode([request("{}", type=row[0]) for row in rows])
        self.assertEqual([(name, kind, severity) for (name, _, _), (_, kind, severity, _) in zip(rows, found)],
                         [tuple(row) for row in rows])

    def test_most_types_say_more_than_that_something_happened(self):
        with open(os.path.join(HERE, "schema", "activity_types"), encoding="utf-8") as f:
            kinds = [line.split()[1] for line in f if not line.startswith("#")]
        self.assertLess(kinds.count("activity") / len(kinds), 0.2)

    def test_the_compliance_api_switched_off_is_an_alert_and_on_is_none(self):
        switch = "org_compliance_api_settings_updated"
        off, on, other = encode([request({"compliance_api_enabled": is_on} if is_on is not None else {}, type=switch)
                                 for is_on in (False, True, None)])
        self.assertEqual([e[1:3] for e in (off, on, other)],
                         [("compliance", "alert"), ("compliance", "warning"), ("compliance", "warning")])
        self.assertIn("off", json.loads(off[3])["message"])


class Fields(unittest.TestCase):
    def read(self, name):
        return json.loads(encode_one(EVENTS[name]))

    def test_an_activity(self):
        e = self.read("activity")
        self.assertEqual(e["actor"], {"type": "user_actor", "id": "user_01", "email": "anna@example.com",
                                      "ip": "192.0.2.34", "user_agent": "Mozilla/5.0 (X11)"})
        self.assertEqual((e["organization_id"], e["workspace_id"], e["api_key_id"]), ("org_01", "wrkspc_01", "apikey_01"))
        self.assertEqual(e["target"], {"type": "api_key", "id": "apikey_01"})
        self.assertEqual(e["message"],
                         "anna@example.com changed API key apikey_01 (status: active -> inactive)")

    def test_a_call_that_an_application_tells_of(self):
        e = self.read("call")
        self.assertEqual((e["class"], e["model"], e["input_tokens"], e["output_tokens"], e["latency_ms"]),
                         ("call", "claude-opus-5", 1500, 20, 812))
        self.assertEqual((e["tools_used"], e["stop_reason"], e["request_id"]), ("bash,web_search", "end_turn", "msg_01"))
        self.assertEqual(e["peer"], {"uid": 1000, "pid": 77})
        self.assertEqual(e["message"], "ml: call of claude-opus-5 by key apikey_01 for search: 1500 tokens in, 20 out, "
                                       "812 ms, end_turn")

    def test_a_call_in_cca(self):
        e = self.read("cca")
        self.assertEqual((e["class"], e["model"], e["input_tokens"], e["actor"]),
                         ("call", "claude-opus-5", 9, {"id": "user_01"}))
        self.assertNotIn("target", e)

    def test_a_finding(self):
        e = self.read("finding")
        self.assertEqual((e["class"], e["severity"]), ("finding", "crit"))
        self.assertEqual(e["finding"], {"rule_id": "anthropic-api-key", "path": "config/dev.py", "line": 14,
                                        "secret_id": "sha256:00", "fingerprint": "x:y:14"})
        self.assertEqual(e["message"], "Claude API key sk-ant-api03-Ab1...9zAA in config/dev.py:14")

    def test_what_nobody_knows_yet_has_a_target_all_the_same(self):
        e = json.loads(encode_one(request({"actor": ACTOR, "claude_widget_id": "w_1"}, type="claude_widget_bent")))
        self.assertEqual(e["target"], {"type": "claude_widget", "id": "w_1"})
        self.assertEqual(e["message"], "activity claude_widget_bent by anna@example.com on w_1")

    def test_a_key_in_a_text_is_shown_masked_in_the_message(self):
        key = make_key(1)
        e = json.loads(encode_one(request({"actor": {"email_address": key}}, type="platform_workspace_created")))
        self.assertNotIn(key, e["message"])
        self.assertIn("sk-ant-" + "api03-", e["message"])


class Json(unittest.TestCase):
    def test_the_members_stand_in_the_order_of_the_interface(self):
        names = list(json.loads(encode_one(EVENTS["activity"])))
        order = ["schema", "seq", "id", "type", "time", "observed", "feed", "severity", "actor", "organization_id",
                 "workspace_id", "api_key_id", "target", "message", "hash", "chain", "redacted", "upstream"]
        self.assertEqual([n for n in names if n in order], order)

    def test_the_upstream_bytes_are_there_as_they_came_and_give_the_hash(self):
        body = '{"a" : 1.50,"b":"\\u00e9\\/é 漢","n":123456789012345678901234567890,"b":[ ]}'
        line = encode_one(request(body))
        self.assertTrue(line.endswith(f',"upstream":{body}}}'), line)
        self.assertEqual(json.loads(line)["hash"], hashlib.sha256(body.encode()).hexdigest())

    def test_what_no_line_may_hold_is_replaced_and_that_is_said(self):
        e = json.loads(encode_one(HOSTILE["lines"]))
        self.assertIs(e["verbatim"], False)
        self.assertEqual(e["upstream"], json.loads(HOSTILE["lines"]["body"]))
        self.assertNotIn("verbatim", json.loads(encode_one(EVENTS["activity"])))

    def test_marks_are_there_when_they_are_true(self):
        e = json.loads(encode_one(EVENTS["activity"], redacted=1, replay=1))
        self.assertEqual((e["redacted"], e["replay"]), (True, True))
        e = json.loads(encode_one(EVENTS["activity"]))
        self.assertEqual((e["redacted"], "replay" in e, "truncated" in e), (False, False, False))

    def test_a_time_keeps_its_nanoseconds_and_gets_none(self):
        for ns, text in ((0, "1970-01-01T00:00:00Z"), (1, "1970-01-01T00:00:00.000000001Z"),
                         (951782400500000000, "2000-02-29T00:00:00.500Z"),
                         (1775808550123456000, "2026-04-10T08:09:10.123456Z")):
            self.assertEqual(json.loads(encode_one(EVENTS["nothing"], time_ns=ns))["time"], text)

    @unittest.skipUnless(shutil.which("jq"), "there is no jq")
    def test_jq_reads_each_line(self):
        """But for half a surrogate pair, which is upstream's and which it does not take."""
        events = [{**e, "format": f} for f in ("json", "ecs", "ocsf")
                  for name, e in {**EVENTS, **HOSTILE}.items() if name != "halves"]
        text = b"\n".join(line for _, _, _, line in encode(events))
        done = subprocess.run(["jq", "-c", "type"], input=text, capture_output=True, check=False)
        self.assertEqual((done.returncode, done.stdout.count(b'"object"\n')), (0, len(events)), done.stderr)


class Everything(unittest.TestCase):
    """What holds for each format, whatever comes."""

    def each(self, **more):
        for name, event in {**EVENTS, **HOSTILE}.items():
            for kind in FORMATS:
                for message in ("text", "json") if kind.startswith("rfc") else ("text",):
                    yield f"{name} as {kind} with {message}", {**event, "format": kind, "message": message, **more}

    def check(self, name, event, text):
        kind = event["format"]
        self.assertFalse(re.search(rb"[\x00-\x1f\x7f]", text), name)
        line = text.decode("utf-8")
        if kind in ("json", "ecs", "ocsf"):
            json.loads(line, object_pairs_hook=no_twice)
        elif kind == "rfc5424":
            parse_5424(line)
        elif kind == "cef":
            parse_cef(line)

    def test_it_is_one_line_of_clean_text_that_its_readers_take(self):
        names, events = zip(*self.each())
        for name, event, (cut, _, _, text) in zip(names, events, encode(events)):
            self.check(name, event, text)
            self.assertFalse(cut, name)

    def test_it_is_never_longer_than_the_receiver_takes_and_says_what_is_missing(self):
        for most in (LEAST, 700, 1024, 2048, 8096):
            names, events = zip(*self.each(max_message=most, replay=1, redacted=1))
            whole = encode([{**e, "max_message": 0} for e in events])
            for name, event, (cut, _, _, text), (_, _, _, full) in zip(names, events, encode(events), whole):
                self.check(name, event, text)
                self.assertLessEqual(len(text), most, name)
                self.assertEqual(cut, len(full) > most, name)
                self.assertEqual(cut, b"runcated" in text, name)
                if not cut:
                    self.assertEqual(text, full, name)

    def test_the_proof_is_in_every_format(self):
        names, events = zip(*self.each(redacted=1, replay=1))
        for name, event, found in zip(names, events, encode(events)):
            text = found[3].decode()
            of_body = hashlib.sha256(event["body"].encode("utf-8")).hexdigest()
            for word in (of_body, "eplay", "edacted", event.get("feed", "audit"), found[1]):
                self.assertIn(word, text, name)

    def test_a_text_cannot_become_a_second_event(self):
        forged = 'x\n<110>1 - - skantd - - - forged\nCEF:0|a|b|c|d|e|1|msg=forged {"schema":"skant-event/1"}'
        body = {"actor": {"email_address": forged, "user_agent": forged}, "claude_chat_id": forged, "model": forged}
        for kind in FORMATS:
            text = encode_one(request(body), format=kind)
            self.assertEqual(len(text.splitlines()), 1, kind)
            self.check(kind, {"format": kind}, text.encode())

    def test_a_megabyte_in_one_text_is_carried_and_can_be_cut(self):
        event = request({"actor": {**ACTOR, "user_agent": "é" * 500000}, "claude_chat_id": "x" * 1000000})
        for kind in FORMATS:
            (cut, _, _, whole), (is_short, _, _, short) = encode([{**event, "format": kind},
                                                                  {**event, "format": kind, "max_message": 8096}])
            self.assertFalse(cut, kind)
            self.assertGreater(len(whole), 1000000, kind)
            self.assertTrue(is_short, kind)
            self.assertLessEqual(len(short), 8096, kind)
            self.check(kind, {"format": kind}, whole)
            self.check(kind, {"format": kind}, short)


class Ecs(unittest.TestCase):
    TYPES = {"keyword": str, "match_only_text": str, "wildcard": str, "date": str, "long": int, "ip": str}

    def check_field(self, path, value):
        known = schema("ecs.json")["fields"].get(path)
        self.assertIsNotNone(known, f"{path} is no field of ECS")
        self.assertEqual(isinstance(value, list), known["is_list"], path)
        for one in value if isinstance(value, list) else [value]:
            self.assertIs(type(one), self.TYPES[known["type"]], path)
            if known["type"] == "ip":
                ipaddress.ip_address(one)
            if known["type"] == "date":
                self.assertRegex(one, r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$")

    def documents(self):
        events = {**EVENTS, **HOSTILE}
        return zip(events, [json.loads(t[3]) for t in encode([{**e, "format": "ecs"} for e in events.values()])])

    def test_each_field_is_one_of_ecs_and_of_its_type_or_in_our_own_namespace(self):
        for name, document in self.documents():
            document.pop("anthropic", None)
            self.assertTrue(document.pop("skant"), name)
            for path, value in flat(document).items():
                self.check_field(path, value)

    def test_the_words_are_those_of_ecs_in_combinations_that_it_expects(self):
        allowed = schema("ecs.json")
        for name, document in self.documents():
            event = document["event"]
            self.assertIn(event["kind"], allowed["event.kind"], name)
            self.assertIn(event["outcome"], allowed["event.outcome"], name)
            for category in event["category"]:
                self.assertLessEqual(set(event["type"]), set(allowed["event.category"][category]), name)

    def test_each_published_type_has_such_a_combination(self):
        with open(os.path.join(HERE, "schema", "activity_types"), encoding="utf-8") as f:
            names = [line.split()[0] for line in f if not line.startswith("#")]
        expected = schema("ecs.json")["event.category"]
        for name, (_, _, _, text) in zip(names, encode([request("{}", type=n, format="ecs") for n in names])):
            event = json.loads(text)["event"]
            for category in event["category"]:
                self.assertLessEqual(set(event["type"]), set(expected[category]), name)


class Ocsf(unittest.TestCase):
    def check_object(self, path, value):
        rules = schema("ocsf.json")["objects"].get(path)
        if not rules or not isinstance(value, dict):
            return
        known = set(rules.get("required", [])) | set(rules.get("allowed", []))
        self.assertLessEqual(set(value), known, path)
        self.assertLessEqual(set(rules.get("required", [])), set(value), path)
        if "at_least_one" in rules:
            self.assertTrue(set(rules["at_least_one"]) & set(value), path)
        for key, inner in value.items():
            self.check_object(f"{path}.{key}", inner)

    def check_event(self, event, name):
        rules = schema("ocsf.json")
        kind = rules["classes"][str(event["class_uid"])]
        profiles = event["metadata"].get("profiles", [])
        self.assertLessEqual(set(profiles), set(kind["profiles"]), name)
        required = set(rules["base"]["required"]) | set(kind["required"])
        allowed = required | set(rules["base"]["allowed"]) | set(kind["allowed"])
        for profile in profiles:
            allowed |= set(rules["profiles"][profile])
        self.assertLessEqual(required, set(event), name)
        self.assertLessEqual(set(event), allowed, name)
        if "at_least_one" in kind:
            self.assertTrue(set(kind["at_least_one"]) & set(event), name)
        self.assertEqual(event["category_uid"], kind["category"], name)
        self.assertIn(event["activity_id"], kind["activities"], name)
        self.assertEqual(event["type_uid"], event["class_uid"] * 100 + event["activity_id"], name)
        for key, value in event.items():
            if key != "unmapped":
                self.check_object(key, value)

    def test_each_class_has_what_it_requires_and_nothing_else(self):
        events = {**EVENTS, **HOSTILE}
        seen = set()
        for name, found in zip(events, encode([{**e, "format": "ocsf"} for e in events.values()])):
            event = json.loads(found[3])
            self.check_event(event, name)
            self.assertEqual(event["severity"], schema("ocsf.json")["severity"][str(event["severity_id"])])
            self.assertIs(type(event["time"]), int)
            seen.add(str(event["class_uid"]))
        self.assertEqual(seen, set(schema("ocsf.json")["classes"]))

    def test_each_published_type_is_such_an_event(self):
        with open(os.path.join(HERE, "schema", "activity_types"), encoding="utf-8") as f:
            names = [line.split()[0] for line in f if not line.startswith("#")]
        for name, found in zip(names, encode([request(ACTIVITY, type=n, format="ocsf") for n in names])):
            self.check_event(json.loads(found[3]), name)

    def test_what_is_cut_short_is_one_still(self):
        events = {**EVENTS, **HOSTILE}
        for most in (LEAST, 1024):
            for name, found in zip(events, encode([{**e, "format": "ocsf", "max_message": most}
                                                   for e in events.values()])):
                self.check_event(json.loads(found[3]), name)


class Syslog(unittest.TestCase):
    def test_the_header_and_the_element_say_what_the_event_says(self):
        line = parse_5424(encode_one(EVENTS["activity"], format="rfc5424"))
        self.assertEqual((line["pri"], line["time"], line["host"], line["app"], line["procid"], line["msgid"]),
                         (13 * 8 + 5, "2026-04-10T08:09:10.123456Z", "host.example.com", "skantd", "4711",
                          "platform_api_key_updated"))
        self.assertEqual(line["id"], "anthropic@32473")
        for name, value in (("activityId", "activity_01"), ("actorEmail", "anna@example.com"), ("skantSeq", "1"),
                            ("skantClass", "key"), ("skantFeed", "audit"), ("apiKeyId", "apikey_01")):
            self.assertEqual(line["element"][name], value)
        self.assertEqual(line["message"], "anna@example.com changed API key apikey_01 (status: active -> inactive)")

    def test_a_value_comes_back_as_it_was_but_for_what_no_line_may_hold(self):
        text = 'a"b\\c]d=e é 漢字 🙂 [x@1 y="z"]'
        body = {"actor": {"user_agent": text + "\n\x00\x7f"}}
        line = parse_5424(encode_one(request(body), format="rfc5424"))
        self.assertEqual(line["element"]["actorUserAgent"], text + "\\x0a\\x00\\x7f")

    def test_a_type_or_a_host_that_is_no_word_becomes_one(self):
        line = parse_5424(encode_one(request("{}"), format="rfc5424", type="a b" + "c" * 40 + "é", host="\u00e9 "))
        self.assertEqual((line["msgid"], line["host"]), ("ab" + "c" * 30, "-"))

    def test_an_object_rides_in_the_message(self):
        line = parse_5424(encode_one(EVENTS["activity"], format="rfc5424", message="json"))
        self.assertEqual(json.loads(line["message"])["upstream"], ACTIVITY)

    def test_an_object_that_is_too_long_goes_without_its_upstream_bytes(self):
        event = request({**ACTIVITY, "more": "x" * 5000}, type=ACTIVITY["type"])
        line = parse_5424(encode_one(event, format="rfc5424", message="json", max_message=4096))
        inner = json.loads(line["message"])
        self.assertEqual((inner["truncated"], "upstream" in inner), (True, False))
        self.assertEqual(line["element"]["skantTruncated"], "1")
        self.assertEqual(inner["actor"]["email"], "anna@example.com")

    def test_the_local_form_has_no_host_and_the_time_of_the_reception(self):
        line = encode_one(EVENTS["activity"], format="rfc3164", observed_ns=1775808580000000000)
        self.assertRegex(line, r"^<109>Apr 10 08:09:40 skantd\[4711\]: anna@example.com changed")
        self.assertRegex(encode_one(EVENTS["nothing"], format="rfc3164", observed_ns=0), r"^<110>Jan  1 00:00:00 ")


class Cef(unittest.TestCase):
    def test_header_and_extension_come_back_as_they_were(self):
        text = "a|b\\c=d e=f"
        header, more = parse_cef(encode_one(request({"actor": {"email_address": text, "user_agent": "x\ny\rz"},
                                                     "claude_chat_id": "c|1"}), format="cef", type="a|b\\c"))
        self.assertEqual(header[0:3] + header[4:5], ["CEF:0", "skant", "skantd", "a|b\\c"])
        self.assertEqual(header[5], f"activity a|b\\c by {text} on c|1")
        self.assertEqual((more["suser"], more["requestClientApplication"]), (text, "x\ny\rz"))

    def test_an_address_has_the_key_of_its_version(self):
        _, four = parse_cef(encode_one(EVENTS["activity"], format="cef"))
        _, six = parse_cef(encode_one(EVENTS["v6"], format="cef"))
        _, none = parse_cef(encode_one(EVENTS["unknown"], format="cef"))
        self.assertEqual((four["src"], six["c6a2"], six["c6a2Label"]),
                         ("192.0.2.34", "2001:db8::1", "Source IPv6 Address"))
        self.assertFalse({"src", "c6a2"} & set(none))


def rsyslogd():
    return shutil.which("rsyslogd", path=os.environ.get("PATH", "") + ":/usr/sbin:/sbin")


@unittest.skipUnless(rsyslogd(), "there is no rsyslogd")
class Rsyslog(SkantTest):
    """A real rsyslogd, on a port that the system chose."""

    CONFIG = """
global(workDirectory="{dir}" maxMessageSize="64k")
module(load="imtcp")
template(name="p" type="list" option.jsonf="on") {{
 property(outname="pri" name="pri" format="jsonf") property(outname="host" name="hostname" format="jsonf")
 property(outname="app" name="app-name" format="jsonf") property(outname="procid" name="procid" format="jsonf")
 property(outname="msgid" name="msgid" format="jsonf") property(outname="sd" name="structured-data" format="jsonf")
 property(outname="time" name="timereported" dateFormat="rfc3339" format="jsonf")
 property(outname="msg" name="msg" format="jsonf") }}
ruleset(name="r") {{ action(type="omfile" file="{dir}/out" template="p") }}
input(type="imtcp" address="127.0.0.1" port="0" listenPortFileName="{dir}/port" ruleset="r")
"""

    def setUp(self):
        super().setUp()
        self.write("rs.conf", self.CONFIG.format(dir=self.dir))
        self.daemon = subprocess.Popen(  # pylint: disable=consider-using-with
            [rsyslogd(), "-n", "-f", self.path("rs.conf"), "-i", self.path("pid")], cwd=self.dir,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=self.env())
        self.addCleanup(self.stop)

    def stop(self):
        self.daemon.kill()
        self.daemon.wait()

    def wait(self, ready, what):
        end = time.monotonic() + 60
        while time.monotonic() < end:
            found = ready()
            if found:
                return found
            self.assertIsNone(self.daemon.poll(), "rsyslogd ended")
            time.sleep(0.02)
        self.fail(f"not within a minute: {what}")

    def read(self, name):
        if not os.path.exists(self.path(name)):
            return b""
        with open(self.path(name), "rb") as f:
            return f.read()

    def test_it_reads_what_our_own_reader_of_rfc_5424_reads(self):
        names = [n for n in {**EVENTS, **HOSTILE} if n != "long"]  # beyond what this one takes
        events = [{**{**EVENTS, **HOSTILE}[n], "format": "rfc5424"} for n in names]
        lines = [text for _, _, _, text in encode(events)]
        port = int(self.wait(lambda: self.read("port"), "rsyslogd listens"))
        with socket.create_connection(("127.0.0.1", port)) as peer:
            peer.sendall(b"".join(b"%d %s" % (len(line), line) for line in lines))
        self.wait(lambda: self.read("out").count(b"\n") >= len(lines), "all lines came")
        stored = [json.loads(line) for line in self.read("out").splitlines()]
        self.assertEqual(len(stored), len(lines))
        for name, line, found in zip(names, lines, stored):
            ours = parse_5424(line.decode())
            self.assertEqual((found["pri"], found["app"], found["procid"], found["msgid"], found["time"]),
                             (str(ours["pri"]), ours["app"], ours["procid"], ours["msgid"], ours["time"]), name)
            self.assertEqual(found["msg"].lstrip(BOM), ours["message"], name)
            self.assertIn(found["sd"], line.decode(), name)
            self.assertEqual(parse_5424(f"<1>1 - - - - - {found['sd']} {BOM}")["element"], ours["element"], name)


def guide():
    with open(os.path.join(PROJECT, "docs", "events.md"), encoding="utf-8") as f:
        return f.read()


def rows_of(heading):
    """The cells of the table below a heading of docs/events.md, without their backticks."""
    part = guide().split(f"\n## {heading}\n", 1)[1].split("\n## ", 1)[0]
    rows = [[cell.strip().replace("`", "") for cell in line.strip("|").split("|")]
            for line in part.splitlines() if line.startswith("| ")]
    return rows[2:]


class Guide(SkantTest):
    def test_it_lists_each_class_with_its_id(self):
        with open(os.path.join(PROJECT, "forwarder", "event.h"), encoding="utf-8") as f:
            classes = re.findall(r'X\([A-Z_]+,\s*"([a-z-]+)",\s*"([0-9a-f]{32})"\)', f.read())
        self.assertEqual([(row[0], row[2]) for row in rows_of("Classes")], classes)

    def test_each_name_that_it_gives_is_one_that_a_format_has(self):
        rich = [{"peer": {"uid": 1, "pid": 2}, "record": {**CALL["record"], **FINDING["record"], "organization_id": "o",
                                                          "email": "a@b", "user_id": "u"}}, ACTIVITY]
        for column, kind in ((2, "json"), (3, "ecs"), (4, "ocsf")):
            known = set()
            for body, origin in zip(rich, ("ingest", "platform")):
                known |= set(flat(json.loads(encode_one(request(body, origin=origin), format=kind, replay=1))))
            short = request({**ACTIVITY, "user_id": "user_02", "api_key_id": None, "more": "x" * 9000})
            known |= set(flat(json.loads(encode_one(request({**ACTIVITY, "request_id": "r"}), format=kind))))
            known |= set(flat(json.loads(encode_one(request(BUDGET, origin="own", type="budget_threshold"), format=kind))))
            for more in ({"type": "org_user_deleted"}, {"max_message": 8096}):
                known |= set(flat(json.loads(encode_one(short, format=kind, **more))))
            for row in rows_of("Fields"):
                for name in row[column].split(", "):
                    self.assertTrue(any(k == name or k.startswith(name + ".") for k in known), name)

    @unittest.skipUnless(all(shutil.which(t) for t in ("jq", "xxd", "sha256sum")), "jq, xxd or sha256sum is missing")
    def test_hash_and_chain_can_be_computed_as_it_says(self):
        script = next(block for block in re.findall(r"```sh\n(.*?)```", guide(), re.DOTALL) if "while" in block)
        events = [e for n, e in {**EVENTS, **HOSTILE}.items() if n not in ("lines", "halves", "long")]
        lines = [text for _, _, _, text in encode([{**e, "id": f"é{i}"} for i, e in enumerate(events)])]
        self.write("script", script)
        self.write("events.jsonl", b"".join(line + b"\n" for line in lines))
        done = subprocess.run(["bash", "script"], cwd=self.dir, capture_output=True, text=True, check=False)
        self.assertEqual(done.stdout.splitlines(), [f"{i + 1} ok" for i in range(len(lines))], done.stderr)
        self.write("events.jsonl", b"".join(line.replace(b"inactive", b"active") + b"\n" for line in lines))
        done = subprocess.run(["bash", "script"], cwd=self.dir, capture_output=True, text=True, check=False)
        self.assertIn("1 ALTERED", done.stdout)
