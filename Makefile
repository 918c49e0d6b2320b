# SPDX-License-Identifier: Apache-2.0
# make [MODE=release|asan|tsan|coverage|portable] [CC=gcc|clang] [WERROR=1] [LINK=static|shared] TARGET
# all check lint fuzz bench headers install uninstall dist clean

MODE    ?= release
PREFIX  ?= /usr/local
# One that ends in a slash names the same folder.
override PREFIX := $(patsubst %/,%,$(PREFIX))
LIBEXECDIR ?= $(PREFIX)/libexec/skant
B       := build/$(MODE)$(if $(findstring clang,$(CC)),-clang)
# Where the programs are that run while building: those of a build for this machine, when this one is for another (with a B,
# CC, AR and PKG_CONFIG of its own).
NATIVE  ?= $(B)
FUZZ_B  := build/fuzz$(if $(filter build/asan-clang,$(B)),-asan)
VERSION := $(shell sed -n 's/^\#define SKANT_VERSION "\(.*\)"/\1/p' common/base/version.h)

# V=1 shows the commands
Q := $(if $(V),,@)

# What is done in a way of the system's own is in files for Linux and in files for any POSIX system, for macOS and BSD; the
# latter are for MODE=portable, where Linux headers show what POSIX and BSD have, not what glibc adds.
SYSTEM := $(if $(filter portable,$(MODE)),posix,linux)
CPPFLAGS.linux := -D_GNU_SOURCE
CPPFLAGS.posix := -include common/posix/libc.h $(if $(filter Linux,$(shell uname -s)),-D_XOPEN_SOURCE=700 -D_DEFAULT_SOURCE)
OF_OTHERS := $(if $(filter linux,$(SYSTEM)),%_posix.c common/posix/%,%_linux.c)
product = $(filter-out $(OF_OTHERS),$(wildcard $(1)))

.DELETE_ON_ERROR:
.SUFFIXES:
.PHONY: all mock demo plan check check-unit check-e2e check-corpus check-git soak lint fuzz bench bench-json bench-journald \
        bench-estimate bench-skantd bench-report headers setup ci man install uninstall deb static sbom dist clean FORCE
.DEFAULT_GOAL := all

PKG_CONFIG ?= pkg-config
PKGS       := libpcre2-8 yaml-0.1 libcjson libdeflate zlib
PKG_CFLAGS := $(shell $(PKG_CONFIG) --cflags $(PKGS) 2>/dev/null)
PKG_LIBS   := $(shell $(PKG_CONFIG) --libs $(PKGS) 2>/dev/null)
$(if $(PKG_LIBS),,$(warning '$(PKG_CONFIG)' does not find all of: $(PKGS). docs/install.md has what is needed))
# Only for what talks to the API: skant does not.
API_PKGS   := libcurl
API_CFLAGS := $(shell $(PKG_CONFIG) --cflags $(API_PKGS) 2>/dev/null)
API_LIBS   := $(shell $(PKG_CONFIG) --libs $(API_PKGS) 2>/dev/null)
# And only for skantd.
FWD_PKGS   := sqlite3 libsystemd libmicrohttpd
FWD_CFLAGS := $(shell $(PKG_CONFIG) --cflags $(FWD_PKGS) 2>/dev/null)
FWD_LIBS   := $(shell $(PKG_CONFIG) --libs $(FWD_PKGS) 2>/dev/null)

# And only for skant-unpack.
UNPACK_PKGS := libarchive $(if $(filter linux,$(SYSTEM)),libseccomp) libdeflate zlib
UNPACK_CFLAGS := $(shell $(PKG_CONFIG) --cflags $(UNPACK_PKGS) 2>/dev/null)
UNPACK_LIBS := $(shell $(PKG_CONFIG) --libs $(UNPACK_PKGS) 2>/dev/null)

# What skant itself needs is put into it: finding shared libraries takes a fifth of what a commit waits for the hook.
# LINK=shared leaves them where they are, for distributions that want that.
SKANT_PKGS := libpcre2-8 yaml-0.1 libdeflate zlib
SKANT_LIBS := $(shell $(PKG_CONFIG) --libs $(SKANT_PKGS) 2>/dev/null)
archives   := $(foreach l,$(filter -l%,$(SKANT_LIBS)),$(shell $(CC) -print-file-name=lib$(l:-l%=%).a))
LINK       ?= $(if $(filter-out /%,$(archives)),shared,static)
ifeq ($(MODE)$(LINK),releasestatic)
SKANT_LIBS := -Wl,-Bstatic $(SKANT_LIBS) -Wl,-Bdynamic
endif

WARN := -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wformat=2 -Wstrict-prototypes -Wmissing-prototypes -Wvla \
        -Wwrite-strings -Wcast-qual -Wundef -Wpointer-arith
ifdef WERROR
WARN += -Werror
endif

# tests/e2e/hardening_test.py looks for what these leave in the programs; where they were built is not to be told.
CFLAGS.release   := -O2 -g -D_FORTIFY_SOURCE=2 -fstack-clash-protection -ffile-prefix-map=$(CURDIR)=.
CFLAGS.asan      := -O1 -g1 -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer
CFLAGS.tsan      := -O1 -g1 -fsanitize=thread -fno-omit-frame-pointer
CFLAGS.coverage  := -O0 -g --coverage -fprofile-update=atomic
CFLAGS.portable  := -O2 -g
LDFLAGS.release  := -Wl,-z,relro,-z,now,-z,noexecstack -Wl,--as-needed
LDFLAGS.asan     := -fsanitize=address,undefined
LDFLAGS.tsan     := -fsanitize=thread
LDFLAGS.coverage := --coverage
ifneq ($(filter-out /%,$(PREFIX)),)
$(error PREFIX is '$(PREFIX)'; it is to be an absolute path)
endif
ifeq ($(CFLAGS.$(MODE)),)
$(error MODE is '$(MODE)'; it is one of release, asan, tsan, coverage, portable)
endif

# What the fuzzers that are made of these objects go by.
ifeq ($(B),build/asan-clang)
CFLAGS.asan += -fsanitize-coverage=inline-8bit-counters,pc-table
endif

CFLAGS  ?=
LDFLAGS ?=
ALL_CFLAGS  = -std=gnu2x $(WARN) $(CFLAGS.$(MODE)) -fstack-protector-strong -fPIE -pthread $(CFLAGS)
# Tests are linked by the hundred, which gold does in a third of the time; programs by what the machine has.
TEST_LD := $(if $(shell command -v ld.gold),-fuse-ld=gold)
ALL_LDFLAGS = $(if $(filter linux,$(SYSTEM)),-pie) -pthread $(LDFLAGS.$(MODE)) $(LDFLAGS)
# A leak check reads the process from outside, which release builds forbid.
CPPFLAGS.asan    := -DSKANT_KEEP_DUMPABLE
# Counts of what was run are written when the program ends, beside its objects.
CPPFLAGS.coverage := -DSKANT_WRITES_AT_EXIT
override CPPFLAGS += $(CPPFLAGS.$(MODE)) $(CPPFLAGS.$(SYSTEM)) -I. -MMD -MP $(PKG_CFLAGS)

# Sources. main.o and rulec.o hold a main of their own; everything else of a program is linked into its tests as well.
COMMON  := $(filter-out common/api/% common/govern/%,$(call product,common/*/*.c))
API     := $(call product,common/api/*.c common/govern/*.c)
ADMIN   := $(filter-out admin/main.c,$(call product,admin/*.c))
FORWARDER := $(filter-out forwarder/main.c,$(wildcard forwarder/*.c forwarder/*/*.c))
SCANNER := $(filter-out scanner/main.c scanner/planc.c scanner/match/rulec.c scanner/unpack/%,\
             $(call product,scanner/*.c scanner/*/*.c scanner/*/*/*.c))
UNPACK  := $(filter-out scanner/unpack/main.c,$(call product,scanner/unpack/*.c))
COMMON_OBJ  := $(COMMON:%.c=$(B)/%.o) $(B)/gen/lists_builtin.o
API_OBJ     := $(API:%.c=$(B)/%.o)
ADMIN_OBJ   := $(ADMIN:%.c=$(B)/%.o)
FORWARDER_OBJ := $(FORWARDER:%.c=$(B)/%.o)
UNPACK_OBJ  := $(UNPACK:%.c=$(B)/%.o)
# What of skant is in skant-unpack as well: readers of formats that know nothing around them.
UNPACK_MORE := $(patsubst %,$(B)/scanner/%.o,container $(patsubst %,source/git/%,delta inflate oid oidmap packentry))
SCANNER_OBJ := $(SCANNER:%.c=$(B)/%.o) $(B)/gen/rules_builtin.o $(B)/gen/plan_builtin.o
RULEC_OBJ   := $(patsubst %,$(B)/scanner/match/%.o,rulec ruleset rulefile engine) $(B)/scanner/rule.o
RULES       := rules/keys.yaml rules/names.yaml

all: $(B)/skant $(B)/skant-unpack $(B)/skantctl $(if $(filter linux,$(SYSTEM)),$(B)/skantd)

$(B)/libcommon.a: $(COMMON_OBJ)
	@rm -f $@
	$(Q)$(AR) rcs $@ $^

# The assembler puts these into it (.incbin).
$(B)/common/html/asset.o $(FUZZ_B)/obj/common/html/asset.o: common/html/page.css common/html/page.js

$(API_OBJ): private PKG_CFLAGS += $(API_CFLAGS)
$(FORWARDER_OBJ): private PKG_CFLAGS += $(API_CFLAGS) $(FWD_CFLAGS)
$(UNPACK_OBJ) $(B)/scanner/unpack/main.o: private PKG_CFLAGS += $(UNPACK_CFLAGS)
$(B)/scanner/source/unpackfind.o: private CPPFLAGS += -DSKANT_LIBEXECDIR='"$(LIBEXECDIR)"'
$(B)/scanner/source/unpackfind.o: $(B)/libexecdir

$(B)/libapi.a: $(API_OBJ)
	@rm -f $@
	$(Q)$(AR) rcs $@ $^

$(B)/libadmin.a: $(ADMIN_OBJ)
	@rm -f $@
	$(Q)$(AR) rcs $@ $^

$(B)/libforwarder.a: $(FORWARDER_OBJ)
	@rm -f $@
	$(Q)$(AR) rcs $@ $^

$(B)/libscanner.a: $(SCANNER_OBJ)
	@rm -f $@
	$(Q)$(AR) rcs $@ $^

$(B)/libunpack.a: $(UNPACK_OBJ)
	@rm -f $@
	$(Q)$(AR) rcs $@ $^

# What the linker took from where, which packaging/sbom reads.
LINK_MAP = $(if $(filter release,$(MODE)),-Wl$(comma)-Map=$@.map)
comma := ,

$(B)/skant: $(B)/scanner/main.o $(B)/libscanner.a $(B)/libcommon.a $(B)/libraries
	@echo "  LD    $@"
	$(Q)$(CC) $(ALL_LDFLAGS) $(LINK_MAP) -o $@ $(filter-out %/libraries,$^) $(SKANT_LIBS)

# It is a program of its own, so that skant links no parser of archives, and none of them sees what skant does.
$(B)/skant-unpack: $(B)/scanner/unpack/main.o $(B)/libunpack.a $(UNPACK_MORE) $(B)/libcommon.a
	@echo "  LD    $@"
	$(Q)$(CC) $(ALL_LDFLAGS) $(LINK_MAP) -o $@ $^ $(UNPACK_LIBS)

$(B)/skantctl: $(B)/admin/main.o $(B)/libadmin.a $(B)/libapi.a $(B)/libcommon.a
	@echo "  LD    $@"
	$(Q)$(CC) $(ALL_LDFLAGS) $(LINK_MAP) -o $@ $^ $(API_LIBS) $(PKG_LIBS)

$(B)/skantd: $(B)/forwarder/main.o $(B)/libforwarder.a $(B)/libapi.a $(B)/libcommon.a
	@echo "  LD    $@"
	$(Q)$(CC) $(ALL_LDFLAGS) $(LINK_MAP) -o $@ $^ $(FWD_LIBS) $(API_LIBS) $(PKG_LIBS)

# Turns rules/ into C tables; it runs while building.
$(B)/rulec: $(RULEC_OBJ) $(B)/libcommon.a
	@echo "  LD    $@"
	$(Q)$(CC) $(ALL_LDFLAGS) -o $@ $^ $(PKG_LIBS)

$(B)/gen/rules_builtin.c: $(NATIVE)/rulec $(RULES)
	@mkdir -p $(@D)
	@echo "  RULEC $@"
	$(Q)$(NATIVE)/rulec $@ $(RULES)

# The lists that programs read when they run, as bytes: a file of people's own is read the same way.
$(B)/gen/lists_builtin.c: rules/prices.yaml rules/models.yaml
	@mkdir -p $(@D)
	@echo "  LISTS $@"
	$(Q)( echo '#include "common/policy/builtin.h"'; for name in prices models; do \
		echo "const unsigned char builtin_$$name[] = {"; \
		od -An -v -tx1 rules/$$name.yaml | sed 's/ \([0-9a-f][0-9a-f]\)/0x\1,/g' && \
		echo "};"; echo "const size_t builtin_$${name}_len = sizeof(builtin_$$name);"; done ) >$@

# Works out where the prefilter's literals go; it runs while building.

$(B)/planc: $(B)/scanner/planc.o $(filter-out %/plan_builtin.o,$(SCANNER_OBJ)) $(B)/libcommon.a
	@echo "  LD    $@"
	$(Q)$(CC) $(ALL_LDFLAGS) -o $@ $^ $(PKG_LIBS) -lm

$(B)/gen/plan_builtin.c: $(NATIVE)/planc
	@echo "  PLANC $@"
	$(Q)$(NATIVE)/planc $@ 1

# Looks for a better plan for PLAN_TRIES tries (a second each), from which builds go on: worth it when many literals are new.
PLAN_TRIES ?= 300

plan: $(B)/planc
	$(B)/planc $(B)/gen/plan_seed.c $(PLAN_TRIES)
	(head -n 3 scanner/plan_seed.inc && sed -n '/^\t{ 0x/p' $(B)/gen/plan_seed.c) >$(B)/gen/plan_seed.inc
	mv $(B)/gen/plan_seed.inc scanner/plan_seed.inc

# Made anew when other flags are given, so that no object of before stays: a change of them changes the programs. Not written
# to: what is there may be root's, who has installed.
FLAGS = $(CPPFLAGS) $(CFLAGS.$(MODE)) $(CFLAGS) $(LDFLAGS.$(MODE)) $(LDFLAGS)

$(B)/flags: FORCE
	@mkdir -p $(@D)
	@echo '$(subst ','\'',$(FLAGS))' | cmp -s - $@ || { rm -f $@ && echo '$(subst ','\'',$(FLAGS))' >$@; }

# The same for the one object that knows where things will be.
$(B)/libexecdir: FORCE
	@mkdir -p $(@D)
	@echo '$(LIBEXECDIR)' | cmp -s - $@ || { rm -f $@ && echo '$(LIBEXECDIR)' >$@; }

# And for the one program whose libraries may be in it or not.
$(B)/libraries: FORCE
	@mkdir -p $(@D)
	@echo '$(SKANT_LIBS)' | cmp -s - $@ || { rm -f $@ && echo '$(SKANT_LIBS)' >$@; }

FORCE:

$(B)/gen/%.o: $(B)/gen/%.c $(B)/flags
	@echo "  CC    $@"
	$(Q)$(CC) $(CPPFLAGS) $(ALL_CFLAGS) -c -o $@ $<

$(B)/%.o: %.c $(B)/flags
	@mkdir -p $(@D)
	@echo "  CC    $@"
	$(Q)$(CC) $(CPPFLAGS) $(ALL_CFLAGS) -c -o $@ $<

include tests/tests.mk
include packaging/packaging.mk

clean:
	rm -rf build

-include $(wildcard $(FUZZ_B)/obj/*/*.d $(FUZZ_B)/obj/*/*/*.d $(FUZZ_B)/obj/*/*/*/*.d $(B)/*/*.d $(B)/*/*/*.d $(B)/*/*/*/*.d $(B)/*/*/*/*/*.d $(B)/*/*/*/*/*/*.d)
