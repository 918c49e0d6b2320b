# SPDX-License-Identifier: Apache-2.0
"""The feeds of skantd that ask for reports and lists, as end-to-end tests run them: the clock of the mock stands still,
and what the organisation does is what the test says."""
import json

from mockapi import ORG
from skantd_support import DaemonTest

NOW = "2026-11-10T12:00:00Z"
HOUR, DAY = 3600, 86400


class ReportTest(DaemonTest):
    now = NOW

    def setUp(self):
        super().setUp()
        self.start_mock(now=self.now, self_feed="off", activities=0)
        self.mock.control("quiet", {"on": True})

    def daemon_env(self, *kinds):
        return super().daemon_env(*(kinds or ("admin",)))

    def use(self, name, seconds_ago=0, **more):
        self.mock.control("use", {"name": name, "model": "claude-opus-5", "seconds_ago": seconds_ago, **more})

    def workspace(self, index=0):
        """(id, name) of a workspace that is not archived."""
        rows = self.mock.get(ORG + "/workspaces", query={"limit": 100}).json["data"]
        live = [w for w in rows if not w["archived_at"]]
        return live[index]["id"], live[index]["name"]

    def key(self, name, **more):
        return self.mock.control("key", {"name": name, **more})["id"]

    def cut(self, *lists, missing=None):
        """The next answer for each list of the organisation is empty, or without the one whose id missing names."""
        faults = []
        for path in lists:
            left_out = (missing or {}).get(path)
            rows = self.mock.get(ORG + path, query={"limit": 100}).json["data"] if left_out else []
            rows = [r for r in rows if left_out not in (r.get("id"), r.get("user_id"))]
            faults.append({"match": {"path": ORG + path, "times": 1}, "do": {
                "status": 200, "body": {"data": rows, "has_more": False, "first_id": None, "last_id": None}}})
        self.mock.script({"faults": faults})

    def policy(self, **sections):
        self.write("policy.yaml", json.dumps({"version": 1, **sections}))
        return self.path("policy.yaml")

    def feed(self, kind, **more):
        return {"name": kind, "type": kind, **more}

    def read(self, feeds=None, status=0, **top):
        """One run of skantd; the events that it added."""
        before = len(self.lines())
        if feeds is not None:
            self.configure(feeds=feeds, **top)
        self.once(status=status)
        return [e for e in self.lines()[before:] if e["feed"] != "skantd"]

    def types(self, events):
        return [e["type"] for e in events]
