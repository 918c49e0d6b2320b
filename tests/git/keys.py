# SPDX-License-Identifier: Apache-2.0
"""Keys that are planted, and the bytes they are planted in. Built from a seed each time, never stored."""
import hashlib
import re

ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
# prefix, rule, kind; each key has 93 random characters and AA behind its prefix
KINDS = [
    ("sk-ant-" + "api03-", "anthropic-api-key", "api"),
    ("sk-ant-" + "admin01-", "anthropic-admin-key", "admin"),
    ("sk-ant-" + "api01-", "anthropic-compliance-key", "compliance"),
    ("sk-ant-" + "oat01-", "anthropic-oauth-token", "oauth"),
    ("sk-ant-" + "ort01-", "anthropic-oauth-refresh-token", "oauth-refresh"),
    ("sk-ant-" + "sid01-", "anthropic-session-key", "session"),
]
# What is taken for a masked key (once in 400,000), and what a rule for tables takes for one: it has a limit of its own.
UNLUCKY = re.compile("xxxx|--", re.IGNORECASE)
ENCODINGS = {None: "ascii", "utf-16le": "utf-16-le", "utf-16be": "utf-16-be"}
MARK = "skant:" + "allow"
WORDS = ("alpha beta gamma delta host port value config return import print total index queue stack tree leaf node "
         "open close read write merge split left right first last small large round square").split()


class Key:
    def __init__(self, rng):
        self.prefix, self.rule, self.kind = KINDS[0] if rng.random() < 0.5 else rng.choice(KINDS)
        body = "".join(rng.choice(ALPHABET) for _ in range(93)) + "AA"
        while UNLUCKY.search("-" + body):
            body = "".join(rng.choice(ALPHABET) for _ in range(93)) + "AA"
        self.text = self.prefix + body
        self.secret_id = "sha256:" + hashlib.sha256(self.text.encode()).hexdigest()[:32]
        self.masked = self.prefix + body[:3] + "..." + body[-4:]
        self.forms = {via: self.text.encode(codec) for via, codec in ENCODINGS.items()}


class Keys:
    """All keys of one repository."""

    def __init__(self, rng):
        self.rng = rng
        self.all = []

    def fresh(self):
        key = Key(self.rng)
        self.all.append(key)
        return key

    def any(self):
        """Mostly a new one; sometimes one that was planted before."""
        if self.all and self.rng.random() < 0.25:
            return self.rng.choice(self.all)
        return self.fresh()


def words(rng, most=8):
    return " ".join(rng.choice(WORDS) for _ in range(rng.randint(1, most)))


def key_line(rng, keys, key):
    form = rng.randrange(9)
    if form == 0:
        return key.text
    if form == 1:
        return f"  {key.text}  # {words(rng)}"
    if form == 2:
        return f'client = Client(api_key="{key.text}")'
    if form == 3:
        return f"{words(rng)} {key.text} {keys.any().text}"
    if form == 4:
        return f"{words(rng)}: \u00fc\u6f22\U0001f600 '{key.text}'"
    if form == 5:
        return f"{words(rng)}\t<{key.text}>,"
    return f"{rng.choice(WORDS).upper()}_KEY={key.text}"


def text(rng, keys, count, lines=12):
    """Lines of text with so many keys in them."""
    out = [words(rng) for _ in range(rng.randint(0 if count else 1, lines))]
    for _ in range(count):
        out.insert(rng.randint(0, len(out)), key_line(rng, keys, keys.any()))
    end = "\r\n" if rng.random() < 0.1 else "\n"
    return end.join(out) + (end if rng.random() < 0.8 else "")


def allowed_line(rng, keys):
    return f"{words(rng)} = {keys.fresh().text}  # {MARK} {words(rng)}\n"


def blob(rng, keys, count):
    """The bytes of a file, and the name of their shape."""
    body = text(rng, keys, count)
    form = rng.random()
    if form < 0.66:
        return body.encode(), "text"
    if form < 0.72:
        return b"\xff\xfe" + body.encode("utf-16-le"), "utf-16le"
    if form < 0.78:
        return b"\xfe\xff" + body.encode("utf-16-be"), "utf-16be"
    if form < 0.82:
        return (words(rng) + "\n" + body).encode("ascii", "ignore").decode().encode("utf-16-le"), "utf-16le-no-mark"
    if form < 0.84:
        return b"\xef\xbb\xbf" + body.encode(), "utf-8-mark"
    if form < 0.88:
        return body.encode() + allowed_line(rng, keys).encode(), "allow-marker"
    if form < 0.92:
        return b"caf\xe9 \xff\xfe\n" + body.encode("latin-1", "replace"), "latin-1"
    # no halves of surrogate pairs: how wide a column they take is nobody's business
    noise = bytes(rng.choice([b for b in range(256) if b >> 3 != 0xD8 >> 3]) for _ in range(2 * rng.randint(20, 60)))
    if form < 0.96:
        return b"\x7fELF\0\0" + noise + b"\0" + body.encode() + b"\0" + noise, "binary"
    return b"MZ\x90\1" + noise + b"\1\2\3\4" + body.encode("utf-16-le") + b"\1\2" + noise, "binary-utf-16"


def edge_blob(rng, keys, edge, at):
    """About edge bytes of lines, with a key whose first byte stands at the offset at, and one at the very end."""
    first, last = keys.fresh().text.encode(), keys.fresh().text.encode()
    line = (words(rng, 8) + "\n").encode()
    size = edge + rng.randint(0, 200)
    fill = line * (size // len(line) + 2)
    before = fill[:at - 1] + b"\n"
    rest = max(size - at - len(first), 1)
    return before + first + b"\n" + fill[:rest] + b" " + last
