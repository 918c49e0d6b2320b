# SPDX-License-Identifier: Apache-2.0
# make [MODE=release|asan|tsan|coverage] [CC=gcc|clang] [WERROR=1] [LINK=static|shared] TARGET
# all check lint fuzz bench headers install uninstall dist clean

MODE    ?= release
PREFIX  ?= /usr/local
LIBEXECDIR := $(PREFIX)/libexec/skant
B       := build/$(MODE)$(if $(findstring clang,$(CC)),-clang)
FUZZ_B  := build/fuzz$(if $(filter build/asan-clang,$(B)),-asan)
VERSION := $(shell sed -n 's/^\#define SKANT_VERSION "\(.*\)"/\1/p' common/base/version.h)

# V=1 shows the commands
Q := $(if $(V),,@)

.DELETE_ON_ERROR:
.SUFFIXES:
.PHONY: all mock demo plan check check-unit check-e2e check-corpus check-git soak lint fuzz bench bench-json bench-journald \
        bench-estimate bench-skantd bench-report headers setup ci man install uninstall dist clean
.DEFAULT_GOAL := all

PKG_CONFIG ?= pkg-config
PKGS       := libpcre2-8 yaml-0.1 libcjson libdeflate zlib
PKG_CFLAGS := $(shell $(PKG_CONFIG) --cflags $(PKGS) 2>/dev/null)
PKG_LIBS   := $(shell $(PKG_CONFIG) --libs $(PKGS) 2>/dev/null)
# Only for what talks to the API: skant does not.
API_PKGS   := libcurl
API_CFLAGS := $(shell $(PKG_CONFIG) --cflags $(API_PKGS) 2>/dev/null)
API_LIBS   := $(shell $(PKG_CONFIG) --libs $(API_PKGS) 2>/dev/null)
# And only for skantd.
FWD_PKGS   := sqlite3 libsystemd libmicrohttpd
FWD_CFLAGS := $(shell $(PKG_CONFIG) --cflags $(FWD_PKGS) 2>/dev/null)
FWD_LIBS   := $(shell $(PKG_CONFIG) --libs $(FWD_PKGS) 2>/dev/null)

# And only for skant-unpack.
UNPACK_PKGS := libarchive libseccomp libdeflate zlib
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

CFLAGS.release   := -O2 -g -D_FORTIFY_SOURCE=2
CFLAGS.asan      := -O1 -g1 -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer
CFLAGS.tsan      := -O1 -g1 -fsanitize=thread -fno-omit-frame-pointer
CFLAGS.coverage  := -O0 -g --coverage
LDFLAGS.release  := -Wl,-z,relro,-z,now -Wl,--as-needed
LDFLAGS.asan     := -fsanitize=address,undefined
LDFLAGS.tsan     := -fsanitize=thread
LDFLAGS.coverage := --coverage
ifeq ($(CFLAGS.$(MODE)),)
$(error MODE is '$(MODE)'; it is one of release, asan, tsan, coverage)
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
ALL_LDFLAGS = -pie -pthread $(LDFLAGS.$(MODE)) $(LDFLAGS)
# A leak check reads the process from outside, which release builds forbid.
CPPFLAGS.asan    := -DSKANT_KEEP_DUMPABLE
# Counts of what was run are written when the program ends, beside its objects.
CPPFLAGS.coverage := -DSKANT_WRITES_AT_EXIT
override CPPFLAGS += $(CPPFLAGS.$(MODE)) -I. -D_GNU_SOURCE -MMD -MP $(PKG_CFLAGS)

# Sources. main.o and rulec.o hold a main of their own; everything else of a program is linked into its tests as well.
COMMON  := $(filter-out common/api/% common/govern/%,$(wildcard common/*/*.c))
API     := $(wildcard common/api/*.c common/govern/*.c)
ADMIN   := $(filter-out admin/main.c,$(wildcard admin/*.c))
FORWARDER := $(filter-out forwarder/main.c,$(wildcard forwarder/*.c forwarder/*/*.c))
SCANNER := $(filter-out scanner/main.c scanner/planc.c scanner/match/rulec.c scanner/unpack/%,\
             $(wildcard scanner/*.c scanner/*/*.c scanner/*/*/*.c))
UNPACK  := $(filter-out scanner/unpack/main.c,$(wildcard scanner/unpack/*.c))
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

all: $(B)/skant $(B)/skant-unpack $(B)/skantctl $(if $(wildcard forwarder/main.c),$(B)/skantd)

$(B)/libcommon.a: $(COMMON_OBJ)
	@rm -f $@
	$(Q)$(AR) rcs $@ $^

# The assembler puts these into it (.incbin).
$(B)/common/html/asset.o $(FUZZ_B)/obj/common/html/asset.o: common/html/page.css common/html/page.js

$(API_OBJ): private PKG_CFLAGS += $(API_CFLAGS)
$(FORWARDER_OBJ): private PKG_CFLAGS += $(API_CFLAGS) $(FWD_CFLAGS)
$(UNPACK_OBJ) $(B)/scanner/unpack/main.o: private PKG_CFLAGS += $(UNPACK_CFLAGS)
$(B)/scanner/source/unpackfind.o: private CPPFLAGS += -DSKANT_LIBEXECDIR='"$(LIBEXECDIR)"'

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

$(B)/skant: $(B)/scanner/main.o $(B)/libscanner.a $(B)/libcommon.a
	@echo "  LD    $@"
	$(Q)$(CC) $(ALL_LDFLAGS) -o $@ $^ $(SKANT_LIBS)

# It is a program of its own, so that skant links no parser of archives, and none of them sees what skant does.
$(B)/skant-unpack: $(B)/scanner/unpack/main.o $(B)/libunpack.a $(UNPACK_MORE) $(B)/libcommon.a
	@echo "  LD    $@"
	$(Q)$(CC) $(ALL_LDFLAGS) -o $@ $^ $(UNPACK_LIBS)

$(B)/skantctl: $(B)/admin/main.o $(B)/libadmin.a $(B)/libapi.a $(B)/libcommon.a
	@echo "  LD    $@"
	$(Q)$(CC) $(ALL_LDFLAGS) -o $@ $^ $(API_LIBS) $(PKG_LIBS)

$(B)/skantd: $(B)/forwarder/main.o $(B)/libforwarder.a $(B)/libapi.a $(B)/libcommon.a
	@echo "  LD    $@"
	$(Q)$(CC) $(ALL_LDFLAGS) -o $@ $^ $(FWD_LIBS) $(API_LIBS) $(PKG_LIBS)

# Turns rules/ into C tables; it runs while building.
$(B)/rulec: $(RULEC_OBJ) $(B)/libcommon.a
	@echo "  LD    $@"
	$(Q)$(CC) $(ALL_LDFLAGS) -o $@ $^ $(PKG_LIBS)

$(B)/gen/rules_builtin.c: $(B)/rulec $(RULES)
	@mkdir -p $(@D)
	@echo "  RULEC $@"
	$(Q)$(B)/rulec $@ $(RULES)

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

$(B)/gen/plan_builtin.c: $(B)/planc
	@echo "  PLANC $@"
	$(Q)$(B)/planc $@ 1

# Looks for a better plan for PLAN_TRIES tries (a second each), from which builds go on: worth it when many literals are new.
PLAN_TRIES ?= 300

plan: $(B)/planc
	$(B)/planc $(B)/gen/plan_seed.c $(PLAN_TRIES)
	(head -n 3 scanner/plan_seed.inc && sed -n '/^\t{ 0x/p' $(B)/gen/plan_seed.c) >$(B)/gen/plan_seed.inc
	mv $(B)/gen/plan_seed.inc scanner/plan_seed.inc

$(B)/gen/%.o: $(B)/gen/%.c
	@echo "  CC    $@"
	$(Q)$(CC) $(CPPFLAGS) $(ALL_CFLAGS) -c -o $@ $<

$(B)/%.o: %.c
	@mkdir -p $(@D)
	@echo "  CC    $@"
	$(Q)$(CC) $(CPPFLAGS) $(ALL_CFLAGS) -c -o $@ $<

# The mock of the provider's API, for tests only. Its parts are linked into its own unit tests.
MOCK     := $(filter-out tests/mock/main.c,$(wildcard tests/mock/*.c))
MOCK_OBJ := $(MOCK:%.c=$(B)/%.o)
MOCK_LIBS = -lmicrohttpd -lgnutls

mock: $(B)/skant-mock

$(B)/libmock.a: $(MOCK_OBJ)
	@rm -f $@
	$(Q)$(AR) rcs $@ $^

$(B)/skant-mock: $(B)/tests/mock/main.o $(B)/libmock.a $(B)/libcommon.a
	@echo "  LD    $@"
	$(Q)$(CC) $(ALL_LDFLAGS) -o $@ $^ $(PKG_LIBS) $(MOCK_LIBS)

# The API client with nothing above it, for tests only.
$(B)/apiprobe: $(B)/tests/support/apiprobe.o $(B)/libapi.a $(B)/libcommon.a
	@echo "  LD    $@"
	$(Q)$(CC) $(ALL_LDFLAGS) -o $@ $^ $(PKG_LIBS) $(API_LIBS)

# What skant could do if what it reads had taken it over, for tests only.
$(B)/takenover: $(B)/tests/support/takenover.o $(B)/libscanner.a $(B)/libcommon.a
	@echo "  LD    $@"
	$(Q)$(CC) $(ALL_LDFLAGS) -o $@ $^ $(SKANT_LIBS)

# One sink with nothing above it, for tests only.
$(B)/tests/support/sinkprobe.o: private PKG_CFLAGS += $(API_CFLAGS)
$(B)/sinkprobe: $(B)/tests/support/sinkprobe.o $(B)/libforwarder.a $(B)/libapi.a $(B)/libcommon.a
	@echo "  LD    $@"
	$(Q)$(CC) $(ALL_LDFLAGS) -o $@ $^ $(FWD_LIBS) $(API_LIBS) $(PKG_LIBS)

# skantd's formats with nothing around them, for tests only.
$(B)/encodeprobe: $(B)/tests/support/encodeprobe.o $(B)/libforwarder.a $(B)/libapi.a $(B)/libcommon.a
	@echo "  LD    $@"
	$(Q)$(CC) $(ALL_LDFLAGS) -o $@ $^ $(FWD_LIBS) $(API_LIBS) $(PKG_LIBS)

# What end-to-end tests put under skantd (LD_PRELOAD), whatever skantd is built with.
$(B)/%.so: tests/support/%.c
	@mkdir -p $(@D)
	@echo "  LD    $@"
	$(Q)$(CC) -std=gnu2x -D_GNU_SOURCE $(WARN) $(CFLAGS.release) -fPIC -shared -o $@ $<

# Runs it until Ctrl-C, and says how to try skantctl against it.
demo: $(B)/skant-mock
	tests/mock/demo.sh $(B)/skant-mock build/demo

# Unit tests: tests/unit mirrors the source path, one program a file.
UNIT_SRC := $(shell find tests/unit -name '*_test.c' 2>/dev/null | sort)
# The thread sanitizer has nothing to say of a test in which there is one thread only.
ifeq ($(MODE),tsan)
THREADS  := pthread|pool_run|pool\.h|ratelimit|client\.h|metrics|resolve|ingest_peer|emit_run|keyring|sink_stream|sink_relp
UNIT_SRC := $(shell grep -rlE '$(THREADS)' tests/unit --include='*_test.c' | sort)
E2E      ?= find history verify skantd feed journald message skantctl_estimate
endif
# Of documents, packages and figures the address sanitizer has nothing to say either; nor of what runs another build.
ifeq ($(MODE),asan)
E2E_BUT  := page skantctl_cost skantctl_mock hook_run guide links names_doc events_doc packaging editors public_examples \
            catalog find disguise config report
E2E      ?= $(filter-out $(E2E_BUT),$(patsubst tests/e2e/%_test.py,%,$(wildcard tests/e2e/*_test.py)))
endif
UNIT     := $(UNIT_SRC:%.c=$(B)/%)

# The programs do not know each other, and neither do their tests.
UNIT_ADMIN := $(filter $(B)/tests/unit/admin/%,$(UNIT))
UNIT_API   := $(filter $(B)/tests/unit/common/api/% $(B)/tests/unit/common/govern/%,$(UNIT))
UNIT_FWD   := $(filter $(B)/tests/unit/forwarder/%,$(UNIT))
UNIT_MOCK  := $(filter $(B)/tests/unit/tests/mock/%,$(UNIT))
UNIT_UNPACK := $(filter $(B)/tests/unit/scanner/unpack/%,$(UNIT))

$(UNIT_UNPACK): $(B)/%: $(B)/%.o $(B)/libunpack.a
$(filter-out $(UNIT_ADMIN) $(UNIT_API) $(UNIT_FWD) $(UNIT_MOCK),$(UNIT)): $(B)/%: $(B)/%.o $(B)/libscanner.a $(B)/libcommon.a
$(UNIT_ADMIN): $(B)/%: $(B)/%.o $(B)/libadmin.a $(B)/libapi.a $(B)/libcommon.a
$(UNIT_API): $(B)/%: $(B)/%.o $(B)/libapi.a $(B)/libcommon.a
$(UNIT_FWD): $(B)/%: $(B)/%.o $(B)/libforwarder.a $(B)/libapi.a $(B)/libcommon.a
$(UNIT_ADMIN) $(UNIT_API): private PKG_LIBS += $(API_LIBS)
$(UNIT_FWD): private PKG_LIBS += $(API_LIBS) $(FWD_LIBS)
$(UNIT_MOCK): $(B)/%: $(B)/%.o $(B)/libmock.a $(B)/libcommon.a
$(UNIT):
	@echo "  LD    $@"
	$(Q)$(CC) $(ALL_LDFLAGS) $(TEST_LD) -o $@ $^ $(PKG_LIBS) -lcmocka -lm

# These make allocations fail (tests/support/nomem.h).
comma := ,
$(filter %_nomem_test,$(UNIT)): private LDFLAGS += \
	$(patsubst %,-Wl$(comma)--wrap=%,malloc calloc realloc reallocarray strdup strndup)

# A test runs once: to compile it well takes longer than that.
$(UNIT:=.o): private ALL_CFLAGS += -O0 -U_FORTIFY_SOURCE

.SECONDARY: $(UNIT:=.o)

check-unit: $(UNIT)
	tests/support/unit-run $(UNIT)

check-e2e: all $(B)/skant-mock $(B)/apiprobe $(B)/sinkprobe $(B)/encodeprobe $(B)/takenover $(B)/slowname.so $(B)/clockshift.so $(B)/fastclock.so
	SKANT=$(CURDIR)/$(B)/skant SKANT_MOCK=$(CURDIR)/$(B)/skant-mock APIPROBE=$(CURDIR)/$(B)/apiprobe \
		SINKPROBE=$(CURDIR)/$(B)/sinkprobe ENCODEPROBE=$(CURDIR)/$(B)/encodeprobe TAKENOVER=$(CURDIR)/$(B)/takenover \
		SLOWNAME=$(CURDIR)/$(B)/slowname.so CLOCKSHIFT=$(CURDIR)/$(B)/clockshift.so FASTCLOCK=$(CURDIR)/$(B)/fastclock.so tests/e2e/run $(E2E)

check-corpus: $(B)/skant
	tests/corpus/run $(B)/skant

# Generated repositories against an oracle, and damaged ones.
GIT_COUNT ?= 200

check-git: $(B)/skant
	tests/git/run $(B)/skant $(GIT_COUNT)

# skantd for long, with every sink, and killed again and again, which needs root; processes that share a rate limit.
SOAK_SECONDS ?= 600
SOAK_RATE    ?= 2000
SOAK_EVENTS  ?= 20000
SOAK_KILLS   ?= 200

soak: export SKANT = $(CURDIR)/$(B)/skant
soak: export SKANT_MOCK = $(CURDIR)/$(B)/skant-mock
soak: all $(B)/skant-mock
	tests/soak/run steady --seconds $(SOAK_SECONDS) --rate $(SOAK_RATE)
	tests/soak/run kills --events $(SOAK_EVENTS) --kills $(SOAK_KILLS)
	tests/soak/rate --seconds $(SOAK_SECONDS)
	tests/soak/rate --seconds $(SOAK_SECONDS) --one-shot

check: check-unit check-e2e check-corpus check-git

lint: $(B)/skant
	B=$(B) tests/lint/run

headers:
	tests/lint/headers.sh

# Fuzzers: clang's libFuzzer, one program a file of tests/fuzz, each from its saved corpus.
FUZZ_SRC     := $(wildcard tests/fuzz/*_fuzz.c)
FUZZ         := $(FUZZ_SRC:tests/fuzz/%.c=$(FUZZ_B)/%)
FUZZ_SECONDS ?= 600
FUZZ_FLAGS    = -std=gnu2x -g1 -O1 -fsanitize=fuzzer-no-link,address,undefined -fno-sanitize-recover=all -pthread

FUZZ_OF       = $(COMMON) $(API) $(SCANNER) $(UNPACK) $(ADMIN) $(FORWARDER)
FUZZ_GEN      = rules_builtin plan_builtin lists_builtin
# With MODE=asan they take the objects of that build, whose coverage is coarser, instead of making all of them anew.
ifeq ($(B),build/asan-clang)
FUZZ_OBJ      = $(FUZZ_OF:%.c=$(B)/%.o) $(FUZZ_GEN:%=$(B)/gen/%.o)
else
FUZZ_OBJ      = $(FUZZ_OF:%.c=$(FUZZ_B)/obj/%.o) $(FUZZ_GEN:%=$(FUZZ_B)/obj/%.o)
endif

$(FUZZ_B)/obj/%_builtin.o: $(B)/gen/%_builtin.c
	@mkdir -p $(@D)
	$(Q)clang $(CPPFLAGS) $(FUZZ_FLAGS) -c -o $@ $<

$(FUZZ_B)/obj/%.o: %.c
	@mkdir -p $(@D)
	$(Q)clang $(CPPFLAGS) $(FUZZ_FLAGS) -c -o $@ $<

$(FUZZ_B)/libskant.a: $(FUZZ_OBJ)
	@rm -f $@
	$(Q)$(AR) rcs $@ $^

$(FUZZ_B)/%_fuzz: $(FUZZ_B)/obj/tests/fuzz/%_fuzz.o $(FUZZ_B)/libskant.a
	@echo "  FUZZ  $@"
	$(Q)clang $(subst fuzzer-no-link,fuzzer,$(FUZZ_FLAGS)) $(TEST_LD) -o $@ $^ $(PKG_LIBS) $(API_LIBS) $(FWD_LIBS) $(UNPACK_LIBS)

.SECONDARY: $(FUZZ:$(FUZZ_B)/%=$(FUZZ_B)/obj/tests/fuzz/%.o)

fuzz: $(FUZZ)
	tests/fuzz/run $(FUZZ_SECONDS) $(FUZZ)

$(B)/tests/bench/json_bench: $(B)/tests/bench/json_bench.o $(B)/libapi.a $(B)/libcommon.a
	@echo "  LD    $@"
	$(Q)$(CC) $(ALL_LDFLAGS) -o $@ $^ $(PKG_LIBS)

# How fast pages of records are read takes seconds and nothing but the compiler.
bench-json: $(B)/tests/bench/json_bench
	$(B)/tests/bench/json_bench

$(B)/tests/bench/spool_bench: $(B)/tests/bench/spool_bench.o $(B)/libforwarder.a $(B)/libapi.a $(B)/libcommon.a
	@echo "  LD    $@"
	$(Q)$(CC) $(ALL_LDFLAGS) -o $@ $^ $(FWD_LIBS) $(API_LIBS) $(PKG_LIBS)

$(B)/tests/bench/journal_bench.o: private PKG_CFLAGS += $(API_CFLAGS)
$(B)/tests/bench/journal_bench: $(B)/tests/bench/journal_bench.o $(B)/libforwarder.a $(B)/libapi.a $(B)/libcommon.a
	@echo "  LD    $@"
	$(Q)$(CC) $(ALL_LDFLAGS) -o $@ $^ $(FWD_LIBS) $(API_LIBS) $(PKG_LIBS)

# A real journald is filled, in a namespace of its own.
bench-journald: $(B)/tests/bench/journal_bench
	tests/bench/journald $(B)/tests/bench/journal_bench

bench-skantd: all $(B)/skant-mock
	tests/bench/skantd $(B)/skantd $(B)/skant-mock

# A year of a large organisation as one page.
bench-report: all $(B)/skant-mock
	tests/bench/report $(B)/skantctl $(B)/skant-mock

# DuckDB is measured too where PYTHON (python3) has it.
bench-estimate: all
	tests/bench/estimate $(B)/skantctl

bench: all bench-json bench-journald bench-skantd bench-estimate bench-report
	tests/bench/run $(B)/skant

# The README's test command.
setup:
	tests/support/setup.sh build

ci:
	tests/support/setup.sh test
	tests/run-all

# Man pages and completions come from the option tables (PROGRAM --dump-options).
PROGRAMS  := skant skantctl skantd
# The section of a program's manual, and the folder it is installed in.
section    = $(if $(filter skantd,$(1)),8,1)
folder     = $(if $(filter skantd,$(1)),sbin,bin)
GENERATED := $(foreach p,$(PROGRAMS),$(B)/man/$(p).$(call section,$(p)) $(B)/completions/$(p).bash \
             $(B)/completions/_$(p) $(B)/completions/$(p).fish) $(B)/man/skantd.yaml.5

define man_page
	@mkdir -p $(@D)
	$(B)/$* --dump-options | awk -v program=$* -v form=scd -v template=$< -f packaging/options.awk | scdoc > $@
endef

$(B)/man/%.1: docs/%.1.scd.in packaging/options.awk $(B)/%
	$(man_page)

$(B)/man/%.8: docs/%.8.scd.in packaging/options.awk $(B)/%
	$(man_page)

$(B)/man/%.5: docs/%.5.scd
	@mkdir -p $(@D)
	scdoc < $< > $@

$(B)/completions/%.bash: packaging/options.awk $(B)/%
	@mkdir -p $(@D)
	$(B)/$* --dump-options | awk -v program=$* -v form=bash -f packaging/options.awk > $@

$(B)/completions/_%: packaging/options.awk $(B)/%
	@mkdir -p $(@D)
	$(B)/$* --dump-options | awk -v program=$* -v form=zsh -f packaging/options.awk > $@

$(B)/completions/%.fish: packaging/options.awk $(B)/%
	@mkdir -p $(@D)
	$(B)/$* --dump-options | awk -v program=$* -v form=fish -f packaging/options.awk > $@

man: $(GENERATED)

share := $(DESTDIR)$(PREFIX)/share
GUIDES := skantctl policy usage-and-cost access-review messages skantd events ingest pipelines reliability

# Where systemd says that it looks, whatever PREFIX is.
systemd_folder = $(or $(shell $(PKG_CONFIG) systemd --variable=$(1) 2>/dev/null),$(PREFIX)/lib/$(2))
UNITDIR     ?= $(call systemd_folder,systemdsystemunitdir,systemd/system)
CATALOGDIR  ?= $(call systemd_folder,catalogdir,systemd/catalog)
SYSUSERSDIR ?= $(call systemd_folder,sysusersdir,sysusers.d)

define install_program
	install -Dm755 $(B)/$(1) $(DESTDIR)$(PREFIX)/$(folder)/$(1)
	install -Dm644 $(B)/man/$(1).$(section) $(share)/man/man$(section)/$(1).$(section)
	install -Dm644 $(B)/completions/$(1).bash $(share)/bash-completion/completions/$(1)
	install -Dm644 $(B)/completions/_$(1) $(share)/zsh/site-functions/_$(1)
	install -Dm644 $(B)/completions/$(1).fish $(share)/fish/vendor_completions.d/$(1).fish

endef

define uninstall_program
	rm -f $(DESTDIR)$(PREFIX)/$(folder)/$(1) $(share)/man/man$(section)/$(1).$(section) \
		$(share)/bash-completion/completions/$(1) $(share)/zsh/site-functions/_$(1) \
		$(share)/fish/vendor_completions.d/$(1).fish

endef

install: all man
	$(foreach p,$(PROGRAMS),$(call install_program,$(p)))
	install -Dm755 $(B)/skant-unpack $(DESTDIR)$(LIBEXECDIR)/skant-unpack
	install -Dm644 $(B)/man/skantd.yaml.5 $(share)/man/man5/skantd.yaml.5
	install -Dm644 README.md $(share)/doc/skant/README.md
	install -Dm644 -t $(share)/doc/skant $(GUIDES:%=docs/%.md)
	install -Dm644 -t $(share)/doc/skant/examples packaging/skantd.yaml
	install -d $(DESTDIR)$(UNITDIR)
	sed 's|@sbindir@|$(PREFIX)/sbin|' forwarder/systemd/skantd.service.in > $(DESTDIR)$(UNITDIR)/skantd.service
	chmod 644 $(DESTDIR)$(UNITDIR)/skantd.service
	install -Dm644 forwarder/systemd/skant.catalog $(DESTDIR)$(CATALOGDIR)/skant.catalog
	install -Dm644 forwarder/systemd/skant.sysusers $(DESTDIR)$(SYSUSERSDIR)/skant.conf

uninstall:
	$(foreach p,$(PROGRAMS),$(call uninstall_program,$(p)))
	rm -f $(DESTDIR)$(LIBEXECDIR)/skant-unpack
	-rmdir $(DESTDIR)$(LIBEXECDIR) 2>/dev/null
	rm -f $(share)/man/man5/skantd.yaml.5
	rm -f $(share)/doc/skant/README.md $(GUIDES:%=$(share)/doc/skant/%.md) $(share)/doc/skant/examples/skantd.yaml
	rm -f $(DESTDIR)$(UNITDIR)/skantd.service $(DESTDIR)$(CATALOGDIR)/skant.catalog $(DESTDIR)$(SYSUSERSDIR)/skant.conf
	-rmdir $(share)/doc/skant/examples $(share)/doc/skant 2>/dev/null

# A tarball of what is committed; the same commit gives the same bytes.
dist:
	@mkdir -p build
	git archive --format=tar --prefix=skant-$(VERSION)/ HEAD | gzip -n9 > build/skant-$(VERSION).tar.gz
	@echo build/skant-$(VERSION).tar.gz

clean:
	rm -rf build

-include $(wildcard $(FUZZ_B)/obj/*/*.d $(FUZZ_B)/obj/*/*/*.d $(FUZZ_B)/obj/*/*/*/*.d $(B)/*/*.d $(B)/*/*/*.d $(B)/*/*/*/*.d $(B)/*/*/*/*/*.d $(B)/*/*/*/*/*/*.d)
