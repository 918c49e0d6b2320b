# SPDX-License-Identifier: Apache-2.0
"""Every byte that a program and its children hand to the kernel to be written, sent, run or named, as strace sees it,
and whether a secret is among them in any of the spellings that programs have."""
import base64
import collections
import functools
import os
import re
import subprocess

WRITING = {"write", "writev", "pwrite64", "pwritev", "pwritev2", "sendto", "sendmsg", "sendmmsg"}
NAMING = {"open", "openat", "openat2", "creat", "mkdir", "mkdirat", "rename", "renameat", "renameat2", "link", "linkat", "symlink",
          "symlinkat", "setxattr", "fsetxattr", "memfd_create", "prctl"}
RUNNING = {"execve", "execveat"}
# What bytes could go through that are not to be seen in a call.
HIDDEN = {"vmsplice", "splice", "tee", "sendfile", "copy_file_range", "process_vm_writev", "io_uring_setup"}
CALL = re.compile(r"^\d+ +(\w+)\((?:(\d+)(?:<(.*?)>(?=[,)]))?)?")
TEXT = re.compile(r'"((?:\\x[0-9a-f]{2})*)"(\.\.\.)?')
PIECE = 16  # characters: of a key, 3 and 4 may be shown


def unhex(text):
    return bytes.fromhex(text.replace("\\x", ""))


def place_of(text):
    """What strace says of a descriptor: a path is in hexadecimal, a socket is not."""
    return re.sub(r"(?:\\x[0-9a-f]{2})+", lambda m: unhex(m.group()).decode("utf-8", "replace"), text or "")


@functools.lru_cache(maxsize=None)
def spellings(secret):
    """Pieces of a secret, without what its shown form has of it, as they are found wherever it is written: any part of it
    in plain, the better part in other spellings."""
    kind = re.match(r"sk-ant-\w+-", secret)
    body = secret[(kind.end() if kind else 0) + 3:-4].encode()
    shifted = [b"x" * n + body for n in range(3)]
    texts = [*(s.decode().encode(code) for s in (body,) for code in ("utf-16-le", "utf-16-be")),
             *(code(s)[4:-4] for s in shifted for code in (base64.b64encode, base64.urlsafe_b64encode)),
             body.hex().encode(), body.hex().upper().encode(), body[::-1],
             *(body.replace(b"-", dash).replace(b"_", low) for dash, low in
               ((b"%2D", b"%5F"), (b"%2d", b"%5f"), (b"\\u002d", b"\\u005f"), (b"\\x2d", b"\\x5f"), (b"&#45;", b"&#95;"),
                (b"\\-", b"\\_"), (b"=2D", b"=5F")))]
    return {body[i:i + PIECE] for i in range(0, len(body) - PIECE + 1, PIECE // 2)} | {
        text[i:i + PIECE] for text in texts for i in (0, len(text) // 2 - PIECE // 2, len(text) - PIECE) if i >= 0}


class Written:
    """What was written, by where: a file's path, `pipe:[N]`, `TCP:[...]`, the name of a call that names or runs."""

    def __init__(self, trace):
        self.bytes, self.hidden, self.ran = collections.defaultdict(bytearray), set(), []
        with open(trace, encoding="ascii") as f:
            for line in f:
                self._take(line)

    def _take(self, line):
        call = CALL.match(line)
        if not call:
            return
        name = call.group(1)
        if name in HIDDEN:
            self.hidden.add(name)
        if name in NAMING and "O_RDONLY" in line and "O_CREAT" not in line:
            return
        texts = TEXT.findall(line)
        assert not any(cut for _, cut in texts), line[:200]
        data = [unhex(text) for text, _ in texts]
        if name in WRITING:
            self.bytes[place_of(call.group(3)) or f"descriptor {call.group(2)}"] += b"".join(data)
        elif name in RUNNING | NAMING:
            if name in RUNNING:
                self.ran.append(data)
            if name in NAMING or len(self.ran) > 1:  # the first is the program itself
                self.bytes[name] += b"\0".join(data)

    def where(self, secrets):
        """The places that any of the secrets came to."""
        pieces = set().union(*(spellings(secret) for secret in secrets))
        return {place for place, data in self.bytes.items() if any(piece in data for piece in pieces)}


class Traced:
    """A program below strace. Its output goes to files, so that a pipe is one between it and its children: they are
    folder/stdout and folder/stderr."""

    def __init__(self, command, folder, env, stdin=subprocess.DEVNULL):
        self.trace = os.path.join(folder, "trace")
        calls = ",".join(sorted(WRITING | NAMING | RUNNING | HIDDEN))
        with open(os.path.join(folder, "stdout"), "wb") as out, open(os.path.join(folder, "stderr"), "wb") as err:
            self.process = subprocess.Popen(  # pylint: disable=consider-using-with
                ["strace", "-f", "--seccomp-bpf", "-qq", "-yy", "-xx", "-v", "-s", "100000000", "-o", self.trace, "-e", "trace=" + calls,
                 *command], stdin=stdin, stdout=out, stderr=err, env=env, cwd=folder)

    def signal(self, number):
        """To the program, whose process strace names first."""
        with open(self.trace, encoding="ascii") as f:
            os.kill(int(f.readline().split()[0]), number)

    def finish(self, stdin=None):
        """(its exit status, Written)"""
        self.process.communicate(stdin, timeout=120)
        written = Written(self.trace)
        os.remove(self.trace)
        return self.process.returncode, written


def run(command, folder, env, stdin=b""):
    return Traced(command, folder, env, subprocess.PIPE).finish(stdin)


def files(*folders):
    """{path: content} of all that lies there."""
    found = {}
    for top in folders:
        for folder, _, names in os.walk(top):
            for name in names:
                path = os.path.join(folder, name)
                if os.path.isfile(path) and not os.path.islink(path):
                    with open(path, "rb") as f:
                        found[path] = f.read()
    return found


def holding(secrets, *folders):
    """The files there that hold any of the secrets."""
    pieces = set().union(*(spellings(secret) for secret in secrets))
    return {path for path, data in files(*folders).items() if any(piece in data or piece in path.encode() for piece in pieces)}
