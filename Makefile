# Makefile - the whole build, non-recursive
#
#   make [CONFIG=dev|release|asan|tsan|trap|fuzz] [V=1]     archive and program in build/CONFIG
#   make check            unit tests and corpus replay      make check-NAME   one unit test program
#   make checks           layers, style, sizes, static      make fuzz-smoke   every fuzzer, FUZZ_SECONDS each
#   make tidy | size | repro | install DESTDIR= PREFIX= | clean
#
# The directory is the list: every lib/*/*.c is in the archive, every applets/*.c and applets/*/*.c in
# the program, every tests/unit/*_test.c is a test program, every tests/fuzz/fz_*.c a fuzzer.  Which
# layer may use which is checked by scripts/check-layers.sh, not spelled out here a second time.

CONFIG ?= dev
MAKEFLAGS += --no-builtin-rules
.SUFFIXES:
.DELETE_ON_ERROR:
.DEFAULT_GOAL := all
SHELL := /bin/sh
export LC_ALL := C

O := build/$(CONFIG)
OC_DEPS ?= build/deps
FUZZ_SECONDS ?= 20
FUZZ_CORPUS := tests/fuzz/corpus
PREFIX ?= /usr/local
SYSCONFDIR ?= /etc
UNITDIR ?= $(SYSCONFDIR)/systemd/system
EXAMPLESDIR ?= $(PREFIX)/share/doc/outcall/examples

# A fresh Debian machine gets its compilers first (as root; elsewhere the script says what is missing).
$(if $(shell command -v musl-gcc),,$(shell sh scripts/deps.sh --tools >&2))
include config/$(CONFIG).mk		# CC, LIBC (musl or host), CFLAGS_CONFIG, LDFLAGS_CONFIG, WARN_OFF
DEPS := $(shell OC_DEPS=$(OC_DEPS) sh scripts/deps.sh --path $(LIBC))

# --- flags ----------------------------------------------------------------------------------------

IS_CLANG := $(findstring clang,$(shell $(CC) --version 2>/dev/null | head -n 1))

WARN := -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wsign-conversion -Wstrict-prototypes \
	-Wmissing-prototypes -Wold-style-definition -Wredundant-decls -Wnested-externs -Wpointer-arith \
	-Wcast-qual -Wwrite-strings -Wvla -Walloca -Wundef -Wformat=2 -Wswitch-enum -Wnull-dereference \
	-Wdouble-promotion -Wdate-time
WARN_GCC := -Wcast-align=strict -Wformat-signedness -Wformat-truncation=2 -Wimplicit-fallthrough=5 \
	-Wlogical-op -Wduplicated-cond -Wduplicated-branches -Warith-conversion -Wjump-misses-init \
	-Wtrampolines -Wstack-usage=16384
WARN_CLANG := -Wcast-align -Wimplicit-fallthrough -Wthread-safety -Wno-gnu-zero-variadic-macro-arguments
HARDEN := -fPIE -fstack-protector-strong -fstack-clash-protection -fno-strict-overflow \
	-fno-strict-aliasing -fno-delete-null-pointer-checks -fno-common -fvisibility=hidden \
	-ffunction-sections -fdata-sections
HARDEN_GCC := -ftrivial-auto-var-init=zero -fzero-call-used-regs=used-gpr
HAVE = $(shell $(CC) $(1) -x c -c /dev/null -o /dev/null 2>/dev/null && echo $(1))

# -iquote: <sys/file.h> is the system's, "sys/file.h" is ours
CPPFLAGS = -iquote lib -iquote applets -I$(O) -isystem $(DEPS)/include -D_GNU_SOURCE $(CPPFLAGS_CONFIG)
CFLAGS := -std=c11 -g $(HARDEN) $(WARN) -Werror -ffile-prefix-map=$(CURDIR)=. \
	$(if $(IS_CLANG),$(WARN_CLANG),$(WARN_GCC) $(HARDEN_GCC)) $(call HAVE,-fstrict-flex-arrays=3) \
	$(CFLAGS_CONFIG) $(WARN_OFF) $(EXTRA_CFLAGS)
# A test may put a whole table on its stack; nothing else is relaxed.
TEST_CFLAGS = $(CPPFLAGS) -Itests $(CFLAGS) $(if $(IS_CLANG),,-Wno-stack-usage)
LIBS := $(addprefix $(DEPS)/lib/,libnftnl.a libmnl.a libmbedtls.a libyaml.a libcompat.a)

Q := $(if $(V),,@)
say = $(if $(V),,@printf '  %-7s %s\n' $(1) $(2))

# --- sources --------------------------------------------------------------------------------------

LIB_SRC := $(sort $(wildcard lib/*/*.c lib/*/*.S))
APP_SRC := $(sort $(wildcard applets/*.c applets/*/*.c))
FZ_SRC := $(sort $(wildcard tests/fuzz/fz_*.c))
obj = $(patsubst %,$(O)/o/%.o,$(basename $(1)))

LIB := $(O)/liboutcall.a
LIBAPP := $(O)/libapplets.a			# the applets without main(), for unit tests
PROG := $(if $(NO_PROG),,$(O)/outcall)
TESTS := $(patsubst tests/unit/%.c,$(O)/tests/%,$(sort $(wildcard tests/unit/*_test.c)))
FUZZERS := $(patsubst tests/fuzz/%.c,$(O)/fuzz/%,$(FZ_SRC))

.PHONY: all dev release deps check check-build checks fuzz fuzz-smoke tidy size repro install clean FORCE
all: $(LIB) $(PROG)
release:
	$(Q)$(MAKE) --no-print-directory CONFIG=release all

# Third-party libraries: the script looks for itself whether anything is to be done (20 ms).
deps:
	$(Q)OC_DEPS=$(OC_DEPS) sh scripts/deps.sh --$(LIBC)
$(LIBS): | deps ;

# --- compiling ------------------------------------------------------------------------------------

MKFILES := Makefile config/$(CONFIG).mk

$(O)/o/%.o: %.c $(MKFILES) | deps
	@mkdir -p $(@D)
	$(call say,CC,$<)
	$(Q)$(CC) $(if $(filter tests/%,$<),$(TEST_CFLAGS),$(CPPFLAGS) $(CFLAGS)) -MMD -MP -c $< -o $@

$(O)/o/%.o: %.S $(MKFILES) | deps
	@mkdir -p $(@D)
	$(call say,AS,$<)
	$(Q)$(CC) $(CPPFLAGS) -ffile-prefix-map=$(CURDIR)=. -g -MMD -MP -c $< -o $@

# Version: `git describe`, or the file VERSION of a release archive. The header changes only when the version does.
OC_VERSION := $(or $(shell git -c safe.directory=$(CURDIR) describe --tags --always --dirty 2>/dev/null),$(shell cat VERSION 2>/dev/null),unknown)
$(O)/gen/version.h: FORCE
	@mkdir -p $(@D)
	@echo '#define OC_VERSION "$(OC_VERSION)"' | cmp -s - $@ || echo '#define OC_VERSION "$(OC_VERSION)"' > $@
$(call obj,$(APP_SRC) $(LIB_SRC) $(wildcard tests/unit/*.c tests/fuzz/*.c)): | $(O)/gen/version.h

$(LIB): $(call obj,$(LIB_SRC))
$(LIBAPP): $(call obj,$(filter-out applets/main.c,$(APP_SRC)))
$(LIB) $(LIBAPP):
	$(call say,AR,$@)
	$(Q)rm -f $@ && ar rcsD $@ $^

# Link line: start files, objects, archives as one group, end files (static-pie on musl is put
# together by hand, see config/musl.mk).
link = $(CC) $(LDFLAGS_CONFIG) $(LD_HARDEN) $(LD_START) -o $@ $(filter %.o,$^) \
	-Wl,--start-group $(filter %.a,$^) $(LD_LIBS) -Wl,--end-group $(LD_END)
LD_HARDEN := -Wl,-z,relro,-z,now,-z,noexecstack,-z,separate-code,--gc-sections,--build-id=sha1 \
	-Wl,-z,stack-size=262144 $(if $(IS_CLANG),,-Wl,--fatal-warnings)

# The stripped program; its symbols beside it in outcall.debug.
$(O)/outcall: $(call obj,$(APP_SRC)) $(LIB) $(LIBS)
	$(call say,LD,$@)
	$(Q)$(link)
ifeq ($(STRIP),yes)
	$(Q)cd $(O) && objcopy --only-keep-debug outcall outcall.debug && strip outcall && \
		objcopy --add-gnu-debuglink=outcall.debug outcall
	$(Q)sh scripts/check-static.sh $@
endif

# --- unit tests -----------------------------------------------------------------------------------

.SECONDARY:
$(O)/tests/%: $(O)/o/tests/unit/%.o $(LIBAPP) $(LIB) $(LIBS)
	@mkdir -p $(@D)
	$(call say,LD,$@)
	$(Q)$(link)

# In every configuration but fuzz, a fuzzer is a program that replays its corpus.
ifneq ($(CONFIG),fuzz)
FZ_MAIN := $(O)/o/tests/fuzz/replay_main.o
REPLAYS := $(FUZZERS)
endif
$(O)/fuzz/%: $(O)/o/tests/fuzz/%.o $(FZ_MAIN) $(LIB) $(LIBS)
	@mkdir -p $(@D)
	$(call say,LD,$@)
	$(Q)$(link)

# One broken test does not keep the others from running: it counts as failed.
check-build: $(TESTS) $(REPLAYS)
check:
	@rm -f $(O)/check.failed
	@$(MAKE) -k --no-print-directory CONFIG=$(CONFIG) check-build || touch $(O)/check.failed
	@sh scripts/run-unit.sh $(O) $(TESTS) $(REPLAYS)

check-%: $(O)/tests/%_test
	$(RUN) $< $(T)

# Programs of tests/bench/*.sh: make CONFIG=release build/release/bench/NAME
$(O)/bench/%: $(O)/o/tests/bench/%.o $(LIB) $(LIBS)
	@mkdir -p $(@D)
	$(call say,LD,$@)
	$(Q)$(link)

# --- fuzzing --------------------------------------------------------------------------------------

fuzz: $(FUZZERS)
fuzz-smoke:
	@$(MAKE) --no-print-directory CONFIG=fuzz fuzz
	@sh scripts/fuzz-smoke.sh build/fuzz $(FUZZ_SECONDS)

# --- checks ---------------------------------------------------------------------------------------

checks: $(LIB) $(LIBAPP)
	@sh scripts/run-checks.sh $(O)

tidy: | deps $(O)/gen/version.h
	$(Q)printf '%s\n' $(filter %.c,$(LIB_SRC) $(APP_SRC)) | \
		xargs -P "$$(nproc)" -n 4 sh -c 'clang-tidy --quiet "$$@" -- -std=c11 $(CPPFLAGS)' sh

size: $(PROG)
	@size $(O)/outcall; ls -l $(O)/outcall
	@sh scripts/check-size.sh --report $(O)

repro:
	@sh scripts/repro.sh

# --- installing -----------------------------------------------------------------------------------

D := $(DESTDIR)
install:
	$(Q)$(MAKE) --no-print-directory CONFIG=release all
	install -d $(D)$(PREFIX)/bin $(D)$(PREFIX)/sbin $(D)$(SYSCONFDIR)/outcall/rules.d $(D)$(UNITDIR) \
		$(D)$(SYSCONFDIR)/modules-load.d $(D)$(SYSCONFDIR)/sysctl.d $(D)$(EXAMPLESDIR)
	install -m 0755 build/release/outcall $(D)$(PREFIX)/bin/outcall
	cd $(D)$(PREFIX) && for n in sbin/outcalld bin/outcall-agent; do ln -f bin/outcall $$n; done
	@for f in config/*.service; do sed 's|/usr/local/|$(PREFIX)/|g' "$$f" > $(D)$(UNITDIR)/$${f##*/}; done
	@for f in config/modules-load.d/*.conf config/sysctl.d/*.conf; do \
		[ ! -e "$$f" ] || install -m 0644 "$$f" $(D)$(SYSCONFDIR)/$${f#config/}; done
	@for f in config/rules.d/*.yaml; do t=$(D)$(SYSCONFDIR)/outcall/rules.d/$${f##*/}; \
		[ ! -e "$$f" ] || [ -e "$$t" ] || install -m 0644 "$$f" "$$t"; done
	@install -m 0644 config/rules.d/examples/*.yaml $(D)$(EXAMPLESDIR)
	@install -d $(D)$(PREFIX)/share/bash-completion/completions $(D)$(PREFIX)/share/zsh/site-functions
	@build/release/outcall --applet=outcall completion bash > $(D)$(PREFIX)/share/bash-completion/completions/outcall
	@build/release/outcall --applet=outcall completion zsh > $(D)$(PREFIX)/share/zsh/site-functions/_outcall

clean:
	rm -rf $(filter-out build/deps,$(wildcard build/*))

-include $(patsubst %.o,%.d,$(call obj,$(LIB_SRC) $(APP_SRC) $(FZ_SRC) \
	$(wildcard tests/unit/*.c tests/fuzz/*.c)))
