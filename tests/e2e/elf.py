# SPDX-License-Identifier: Apache-2.0
"""What an ELF file lacks of what keeps a fault from being used, as binutils' readelf and the bytes of its code say."""
import platform
import re
import subprocess

PAGE = 4096
# How gcc and clang touch each page of a large frame on x86-64, `orq $0,(%rsp)`, and what makes room for a frame at once,
# `sub $n,%rsp`.
PROBE = bytes.fromhex("48830c2400")
FRAME = re.compile(rb"\x48\x81\xec(...)\x00", re.DOTALL)


def readelf(path, *options):
    return subprocess.run(["readelf", "-W", *options, path], check=True, capture_output=True, text=True).stdout


def segments(text):
    """[(type, flags)], flags being of R, W and E."""
    row = r"^  ([A-Z_0-9]+) +0x\w+ 0x\w+ 0x\w+ 0x\w+ 0x\w+ ([R ][W ][E ]) 0x"
    return [(name, flags.replace(" ", "")) for name, flags in re.findall(row, text, re.MULTILINE)]


def symbols(path):
    """(type, visible elsewhere, defined, name) of the dynamic table and, where it was not taken out, of the other."""
    for line in readelf(path, "--symbols").splitlines():
        word = line.split()
        if len(word) >= 8 and word[0].endswith(":") and word[0][:-1].isdigit():
            yield word[3], word[4] != "LOCAL", word[6] != "UND", word[7]


def exported(path):
    """What a library could take the place of. Data of the C library's that a program has its copy of has a version."""
    return [word[7].split("@")[0] for word in map(str.split, readelf(path, "--dyn-syms").splitlines())
            if len(word) >= 8 and word[0][:-1].isdigit() and word[4] != "LOCAL" and word[6] != "UND" and "@" not in word[7]]


def needed(path):
    return sorted(re.findall(r"\(NEEDED\) +Shared library: \[([^]]+)\]", readelf(path, "-d")))


def code(path):
    """The bytes of .text."""
    row = re.search(r" \.text +PROGBITS +\w+ (\w+) (\w+) ", readelf(path, "-S"))
    with open(path, "rb") as f:
        f.seek(int(row.group(1), 16))
        return f.read(int(row.group(2), 16))


def probes_frames(path):
    """Whether it touches the pages of frames that are larger than one, or has none such."""
    text = code(path)
    return PROBE in text or not any(int.from_bytes(n, "little") > PAGE for n in FRAME.findall(text))


def sources(path):
    """The folders and files that its debugging information names from the root on."""
    return set(re.findall(r"^ +\[ *\w+\]  (/.*)$", readelf(path, "--string-dump=.debug_line_str"), re.MULTILINE))


def faults(path):
    """{what is wrong}"""
    header, dynamic, parts = readelf(path, "-h"), readelf(path, "-d"), segments(readelf(path, "-l"))
    names = {name.split("@")[0] for _, _, _, name in symbols(path)}
    checks = {
        "not position-independent": "DYN (" in header and re.search(r"FLAGS_1\).* PIE", dynamic),
        "no RELRO": any(name == "GNU_RELRO" for name, _ in parts),
        "not bound at start": re.search(r"\((FLAGS|FLAGS_1|BIND_NOW)\).*NOW", dynamic),
        "executable stack": [flags for name, flags in parts if name == "GNU_STACK"] == ["RW"],
        "writable code": not any("W" in flags and "E" in flags for name, flags in parts if name == "LOAD"),
        "code beside headers": not next(("E" in flags for name, flags in parts if name == "LOAD"), True),
        "search path": not re.search(r"\((RPATH|RUNPATH)\)", dynamic),
        "relocated code": "TEXTREL" not in dynamic,
        "no stack protector": names & {"__stack_chk_fail", "__stack_chk_fail_local"},
        "not fortified": any(re.fullmatch(r"__\w+_chk", name) for name in names),
        "large frames not probed": platform.machine() != "x86_64" or probes_frames(path),
        "exports " + " ".join(exported(path)): not exported(path),
        "names a folder of the builder": all(name.startswith("/usr/") for name in sources(path)),
    }
    return {what for what, is_good in checks.items() if not is_good}
