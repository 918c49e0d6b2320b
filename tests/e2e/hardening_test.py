# SPDX-License-Identifier: Apache-2.0
"""What the programs are built with against faults in them, and that its absence would be seen."""
import os
import shutil
import subprocess
import unittest

import elf
from support import SKANT, SkantTest

BIN = os.path.dirname(SKANT)
# What each may load. skant, which reads what strangers wrote, loads nothing that talks, unpacks or parses JSON.
LIBRARIES = {
    "skant": {"libc"},
    "skant-unpack": {"libarchive", "libseccomp", "libdeflate", "libz", "libc"},
    "skantctl": {"libcurl", "libyaml-0", "libdeflate", "libz", "libc"},
    "skantd": {"libsqlite3", "libsystemd", "libmicrohttpd", "libcurl", "libyaml-0", "libcjson", "libdeflate", "libc"},
}
SOURCE = """#include <stdio.h>
#include <string.h>
int hook = 1;
#ifdef RELOCATED
__asm__(".text\\n.quad hook\\n");
#endif
#ifdef WRITABLE
__asm__(".section .writable,\\"awx\\",@progbits\\n.quad 0\\n.text\\n");
#endif
int main(int argc, char **argv)
{
	char small[16], large[70000];

	memset(large, argc, sizeof(large));
	snprintf(small, (size_t)argc, "%s", argv[0]);
	strcpy(small, argv[0]);
	return puts(small) + large[argc];
}
"""
COMPILE = ["-O2", "-g", "-w", "-fPIE", "-fstack-protector-strong", "-fstack-clash-protection", "-U_FORTIFY_SOURCE",
           "-D_FORTIFY_SOURCE=2"]
LINK = ["-pie", "-Wl,-z,relro,-z,now", "-Wl,-z,noexecstack", "-Wl,-z,separate-code"]
# A program that was built with this as well, and what is to be found then.
SPOILED = {
    "not position-independent": ["-fno-pie", "-no-pie"],
    "no RELRO": ["-Wl,-z,norelro"],
    "not bound at start": ["-Wl,-z,lazy"],
    "executable stack": ["-Wl,-z,execstack"],
    "writable code": ["-DWRITABLE"],
    "code beside headers": ["-Wl,-z,noseparate-code"],
    "search path": ["-Wl,-rpath,/opt/lib"],
    "relocated code": ["-DRELOCATED", "-Wl,-z,notext"],
    "no stack protector": ["-fno-stack-protector"],
    "not fortified": ["-U_FORTIFY_SOURCE"],
    "large frames not probed": ["-fno-stack-clash-protection"],
    "exports hook": ["-Wl,--export-dynamic-symbol=hook"],
    "names a folder of the builder": ["-ffile-prefix-map=.=/home/builder"],
}


@unittest.skipUnless("/release" in SKANT, "other builds are for tests alone")
class Programs(SkantTest):
    def test_each_has_all_that_hardens_it(self):
        for program in LIBRARIES:
            with self.subTest(program=program):
                self.assertEqual(elf.faults(os.path.join(BIN, program)), set())

    @unittest.skipUnless("libc" in "".join(elf.needed(SKANT)), "it is linked statically")
    def test_each_loads_what_it_is_known_to_need_and_nothing_else(self):
        for program, libraries in LIBRARIES.items():
            with self.subTest(program=program):
                found = {name.split(".so")[0] for name in elf.needed(os.path.join(BIN, program))}
                self.assertEqual(found - libraries, set())


@unittest.skipUnless("/release" in SKANT, "it does not depend on what skant was built with")
@unittest.skipUnless(shutil.which("gcc"), "there is no gcc")
class Checker(SkantTest):
    """It sees what it is there for."""

    def build(self, *more):
        self.write("a.c", SOURCE)
        subprocess.run(["gcc", *COMPILE, f"-ffile-prefix-map={self.dir}=.", *LINK, *more, "-o", "a", "a.c"], check=True,
                       cwd=self.dir, env=self.env(), stderr=subprocess.DEVNULL)
        return elf.faults(self.path("a"))

    def test_a_program_with_all_of_it_is_found_to_have_it(self):
        self.assertEqual(self.build(), set())

    def test_each_thing_that_is_missing_is_seen(self):
        for what, flags in SPOILED.items():
            with self.subTest(what=what):
                self.assertIn(what, self.build(*flags))
