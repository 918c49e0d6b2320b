# SPDX-License-Identifier: Apache-2.0
# Tests, fuzzers, figures: what the programs are tried with. Part of ../Makefile.

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
E2E_BUT  := own_tree page skantctl_cost skantctl_mock hook_run docs_commands manual completion links names_doc events_doc packaging editors public_examples \
            catalog find disguise config report
E2E      ?= $(filter-out $(E2E_BUT),$(patsubst tests/e2e/%_test.py,%,$(wildcard tests/e2e/*_test.py)))
endif
# What the other system's files do, and what is not built there.
UNIT_BUT := $(if $(filter linux,$(SYSTEM)),%_posix_test.c tests/unit/common/posix/%,%_linux_test.c tests/unit/forwarder/% tests/unit/tests/%)
UNIT_SRC := $(filter-out $(UNIT_BUT),$(UNIT_SRC))
# Nor does what is reached change with them.
ifeq ($(MODE),coverage)
E2E_BUT  := own_tree docs_commands manual completion links names_doc events_doc packaging editors public_examples hardening
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
# They have a server of their own, by another library than the program's.
$(filter %/sink/tls_test %/sink/tls_nomem_test,$(UNIT)): private PKG_LIBS += $(API_LIBS) $(FWD_LIBS) -lgnutls
$(UNIT_MOCK): $(B)/%: $(B)/%.o $(B)/libmock.a $(B)/libcommon.a
$(UNIT):
	@echo "  LD    $@"
	$(Q)$(CC) $(ALL_LDFLAGS) $(TEST_LD) -o $@ $^ $(PKG_LIBS) -lcmocka -lm

# These make allocations fail (tests/support/nomem.h).
$(filter %_nomem_test,$(UNIT)): private LDFLAGS += \
	$(patsubst %,-Wl$(comma)--wrap=%,malloc calloc realloc reallocarray strdup strndup)

# A test runs once: to compile it well takes longer than that.
$(UNIT:=.o): private ALL_CFLAGS += -O0 -U_FORTIFY_SOURCE -D_GNU_SOURCE

.SECONDARY: $(UNIT:=.o)

check-unit: $(UNIT)
	tests/support/unit-run $(UNIT)

# The prefilter's tests as AArch64 runs them, by qemu-user where the machine is another. They are linked statically and
# use nothing but libc, so that no library for that machine is needed.
NEON_CC   := aarch64-linux-gnu-gcc
NEON_RUN  := $(if $(filter aarch64,$(shell uname -m)),,qemu-aarch64)
NEON_B    := build/neon
NEON_SRC  := $(wildcard scanner/prefilter/*.c) $(patsubst %,common/base/%.c,base buf digest err secret text)
NEON_OBJ  := $(NEON_SRC:%.c=$(NEON_B)/%.o) $(NEON_B)/gen/plan_builtin.o
NEON_UNIT := $(patsubst tests/%.c,$(NEON_B)/tests/%,$(wildcard tests/unit/scanner/prefilter/*_test.c))
# The processor stops where the language says nothing of what happens: that needs no library either.
NEON_FLAGS = -std=gnu2x -D_GNU_SOURCE -Itests/support/cross -I. -MMD -MP $(WARN) -O2 -g1 -fsanitize=undefined \
             -fsanitize-undefined-trap-on-error

$(NEON_B)/gen/%.o: $(B)/gen/%.c
	@mkdir -p $(@D)
	$(Q)$(NEON_CC) $(NEON_FLAGS) -c -o $@ $<

$(NEON_B)/%.o: %.c
	@mkdir -p $(@D)
	$(Q)$(NEON_CC) $(NEON_FLAGS) -c -o $@ $<

$(NEON_UNIT): %: %.o $(NEON_OBJ)
	@echo "  LD    $@"
	$(Q)$(NEON_CC) -static -o $@ $^

-include $(NEON_OBJ:.o=.d) $(NEON_UNIT:=.d)

.SECONDARY: $(NEON_UNIT:=.o)
.PHONY: check-neon check-build

check-neon: $(NEON_UNIT)
	UNIT_UNDER=$(NEON_RUN) tests/support/unit-run $(NEON_UNIT)

# What end-to-end tests run besides the programs.
E2E_TOOLS := $(addprefix $(B)/,skant-mock apiprobe sinkprobe encodeprobe takenover slowname.so clockshift.so fastclock.so torture.so)
# The mock is for Linux, and what is tried on programs of there is tried there.
ifeq ($(SYSTEM),posix)
E2E_TOOLS := build/release/skant-mock $(B)/fastclock.so
E2E_BUT := skantd% journald% syslog %_feed feed client mock% pipeline policy_events unit guard encode catalog known \
           docs_commands manual completion links names_doc events_doc packaging editors page public_examples hardening secrets
E2E     ?= $(filter-out $(E2E_BUT),$(patsubst tests/e2e/%_test.py,%,$(wildcard tests/e2e/*_test.py)))

.PHONY: build/release/skant-mock build/release/skant check-portable
build/release/skant-mock build/release/skant:
	$(MAKE) MODE=release CFLAGS= $@

# The system's own files, what stands on them, and that nothing else is asked of the system: what CI tries.
CI_UNIT := $(filter $(B)/tests/unit/common/posix/% $(B)/tests/unit/common/sys/%,$(UNIT))

check-portable: all $(CI_UNIT) build/release/skant
	tests/portable/check $(B)/skant $(B)/skant-unpack $(B)/skantctl
	tests/support/unit-run $(CI_UNIT)
	SKANT=$(CURDIR)/$(B)/skant tests/e2e/run find input staged range hook container
	tests/portable/same build/release/skant $(B)/skant
	tests/support/install-check portable
endif

# Builds all that check-unit and check-e2e run.
check-build: all $(E2E_TOOLS) $(UNIT)

check-e2e: all $(E2E_TOOLS) $(if $(filter release,$(MODE)),man)
	SKANT=$(CURDIR)/$(B)/skant SKANT_MOCK=$(CURDIR)/$(firstword $(E2E_TOOLS)) APIPROBE=$(CURDIR)/$(B)/apiprobe \
		SINKPROBE=$(CURDIR)/$(B)/sinkprobe ENCODEPROBE=$(CURDIR)/$(B)/encodeprobe TAKENOVER=$(CURDIR)/$(B)/takenover \
		TORTURE=$(CURDIR)/$(B)/torture.so SLOWNAME=$(CURDIR)/$(B)/slowname.so CLOCKSHIFT=$(CURDIR)/$(B)/clockshift.so FASTCLOCK=$(CURDIR)/$(B)/fastclock.so tests/e2e/run $(E2E)

check-corpus: $(B)/skant
	tests/corpus/run $(B)/skant

# A real Slurm of two nodes on this machine, and two sshd of it as two machines, each time with a worker that is killed.
# Needs root, Slurm's packages and what tests/support/setup.sh brings; takes a minute or two.
FLEET_COUNT ?= 500

check-fleet: $(B)/skant
	tests/fleet/ssh $(B)/skant $(FLEET_COUNT)
	tests/fleet/slurm $(B)/skant $(FLEET_COUNT)

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

# Whole programs whose n-th allocation fails, or read, or write: each n, or TORTURE_MOST of them; TORTURE_ARGS: what else
# tests/torture/run is told.
TORTURE_MOST ?= 0
.PHONY: torture

torture: all $(B)/skant-mock $(B)/torture.so
	SKANT=$(CURDIR)/$(B)/skant SKANT_MOCK=$(CURDIR)/$(B)/skant-mock TORTURE=$(CURDIR)/$(B)/torture.so \
		tests/torture/run --most $(TORTURE_MOST) $(TORTURE_ARGS)

check: check-unit check-e2e check-corpus check-git

# What is handed out: Debian packages, the tarball, the static skant; that any builder gets the same bytes.
.PHONY: check-deb
check-deb: $(B)/skant-mock
	tests/packaging/run

# What tests reach of the product's code: a build of its own, all unit and end-to-end tests, and generated repositories.
# A test that fails leaves what it has run counted. What runs while building runs again, as it may have been built before.
COVERAGE_LINES    ?= 90
COVERAGE_BRANCHES ?= 80
.PHONY: coverage coverage-table

coverage:
	find build/coverage -name '*.gcda' -delete 2>/dev/null || true
	$(MAKE) MODE=coverage check-build
	build/coverage/rulec build/coverage/gen/rules_again.c $(RULES)
	build/coverage/planc build/coverage/gen/plan_again.c 1
	-$(MAKE) -k MODE=coverage check-unit check-e2e check-corpus check-git GIT_COUNT=40
	$(MAKE) coverage-table

coverage-table:
	tests/coverage/table build/coverage $(COVERAGE_LINES) $(COVERAGE_BRANCHES)

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
	@mkdir -p $(@D)
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
