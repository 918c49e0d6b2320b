# SPDX-License-Identifier: Apache-2.0
"""skantd on a disk that fills up, and on one that may only be read."""
import os
import subprocess
import unittest

import journald
from skantd_support import DaemonTest, wait_until

SIZE = 6 << 20


def why_not():
    if os.geteuid() != 0:
        return "a file system has to be mounted for it, so root is needed"
    return journald.WHY_NOT if journald.WHY_NOT and "namespace" in journald.WHY_NOT else None


@unittest.skipIf(why_not(), str(why_not()))
class DiskTest(DaemonTest):
    """The state folder is a mount of its own, in a namespace that skantd is started in."""

    def mount(self, *args):
        space = subprocess.Popen(  # pylint: disable=consider-using-with
            ["unshare", "-m", "sh", "-c", 'mount "$@" && touch "$0" && exec sleep 100000', self.path("mounted"), *args],
            stdin=subprocess.DEVNULL)
        self.addCleanup(space.wait)
        self.addCleanup(space.kill)
        wait_until(lambda: os.path.exists(self.path("mounted")) or space.poll() is not None, "the mount")
        self.assertIsNone(space.poll(), "it could not be mounted")
        self.prefix = ["nsenter", "-t", str(space.pid), "-m"]

    def inside(self, *command):
        subprocess.run([*self.prefix, *command], check=True)

    def free_bytes(self):
        done = subprocess.run([*self.prefix, "stat", "-f", "-c", "%a %S", self.path("state")], check=True,
                              capture_output=True)
        blocks, size = done.stdout.split()
        return int(blocks) * int(size)


class FullDisk(DiskTest):
    def test_what_could_not_be_stored_is_said_and_comes_once_there_is_room(self):
        self.start_mock(activities=20, self_feed="off")
        self.mount("-t", "tmpfs", "-o", f"size={SIZE},mode=700", "tmpfs", self.path("state"))
        self.configure(health={"stale_after": "1m"})
        daemon = self.start()
        self.wait_for_events(20)
        self.inside("dd", "if=/dev/zero", f"of={self.path('state', 'ballast')}", "bs=4k", "status=none",
                    f"count={(self.free_bytes() - (200 << 10)) >> 12}")
        self.mock.add(3000)
        wait_until(lambda: "No space left on device" in self.log(), "the refusal in the log")
        feed = next(f for f in self.status()["feeds"] if f["name"] == "audit")
        self.assertIn("No space left", feed["error"])
        self.assertEqual(len(self.events()), 20)
        self.assertEqual(self.skantd("verify", "--to", "2100-01-01").status, 1)
        self.inside("rm", self.path("state", "ballast"))
        self.wait_for_events(3020)
        daemon.stop()
        self.assert_each_once()
        self.assertEqual(self.skantd("verify").status, 0)

    def test_check_says_of_a_file_whose_disk_is_full_that_it_cannot_be_written(self):
        os.mkdir(self.path("logs"))
        self.mount("-t", "tmpfs", "-o", "size=16k", "tmpfs", self.path("logs"))
        self.configure(feeds=[self.ingest()], sinks=[self.file_sink(path=self.path("logs", "out.jsonl"))])
        self.assertEqual(self.skantd("check", "--sink", "file").status, 0)
        subprocess.run([*self.prefix, "dd", "if=/dev/zero", f"of={self.path('logs', 'filler')}", "bs=4k", "count=8",
                        "status=none"], check=False, stderr=subprocess.DEVNULL)
        done = self.skantd("check", "--sink", "file")
        self.assertEqual(done.status, 1, done.text)
        self.assertIn("cannot be written: No space left on device", done.text)

    def test_a_disk_that_is_full_from_the_start_is_said(self):
        self.start_mock(activities=20, self_feed="off")
        self.mount("-t", "tmpfs", "-o", "size=16k,mode=700", "tmpfs", self.path("state"))
        self.configure()
        done = self.skantd("run", "--once")
        self.assertEqual(done.status, 3, done.err)
        self.assertIn("No space left on device", done.err)
        self.assertIn(self.path("state"), done.err)
        self.assertEqual(self.lines(), [])


class ReadOnlyDisk(DiskTest):
    def test_it_is_refused_and_what_is_there_can_still_be_asked(self):
        self.start_mock(activities=20, self_feed="off")
        self.configure()
        self.once()
        self.mount("--bind", "-o", "ro", self.path("state"), self.path("state"))
        self.mock.add(5)
        done = self.skantd("run", "--once")
        self.assertEqual(done.status, 3, done.err)
        self.assertIn("Read-only file system", done.err)
        self.assertIn(self.path("state"), done.err)
        self.assertEqual(self.status()["spool"]["head"], len(self.lines()))
        done = self.skantd("replay", "--sink", "file", "--from", "2000-01-01")
        self.assertEqual(done.status, 3, done.err)
        self.assertIn("Read-only file system", done.err)
        done = self.skantd("verify", "--to", "2000-01-01")
        self.assertEqual(done.status, 0, done.err)
        done = self.skantd("verify", "--to", "2100-01-01")
        self.assertEqual(done.status, 1, done.err)
        self.assertIn(b"missing", done.out)
