# make | make check | make check ROOM=policy | make check SAN=address,undefined
# make demo | make bench
# make fuzz | make torture | make lint | make install DESTDIR=/tmp/x PREFIX=/usr | make deb
# make clean              V=1: say all of it
PREFIX     ?= /usr/local
SYSCONFDIR ?= /etc
UNITDIR    ?= $(PREFIX)/lib/systemd/system
# Where zsh looks on its own account; in /usr, where Debian's does.
ZSHDIR     ?= $(PREFIX)/share/zsh/$(if $(filter /usr,$(PREFIX)),vendor-completions,site-functions)
CC         ?= cc
SAN        ?=
# The lines that a sanitizer names are in -g1, which compiles a fifth faster.
CFLAGS     ?= $(if $(SAN),-O1 -g1,-O2 -g)
VERSION    := 0.1.0

comma := ,
OUT   := build$(if $(SAN),/$(subst $(comma),-,$(SAN)))
OBJ   := $(OUT)/obj

PKGS     := sqlite3 jansson libcrypto libssl yaml-0.1 ldns libseccomp zlib
# Loaded by who needs them (backend/reports/gmime.h, http/mhd.h), never linked.
LOADED   := gmime-3.0 libmicrohttpd
SYSTEMD  := $(shell pkg-config --exists libsystemd 2>/dev/null && echo yes)
ALL_PKGS := $(PKGS) $(if $(SYSTEMD),libsystemd)
WARN     := -std=c17 -Wall -Wextra -Wpedantic -Wshadow -Wstrict-prototypes \
            -Wmissing-prototypes -Wcast-qual -Wformat=2 -Wundef -Wvla
# Asked once, and only by who compiles: on a bare machine need.sh comes first.
PKG_CFLAGS   = $(eval PKG_CFLAGS := $$(shell pkg-config --cflags $(ALL_PKGS)))$(PKG_CFLAGS)
LOADED_CFLAGS = $(eval LOADED_CFLAGS := $$(patsubst -I%,-isystem %,$$(shell pkg-config --cflags-only-I $(LOADED))))$(LOADED_CFLAGS)
PKG_LIBS     = $(eval PKG_LIBS := $$(shell pkg-config --libs $(ALL_PKGS)))$(PKG_LIBS)
ALL_CPPFLAGS = -Iinclude -D_GNU_SOURCE \
               $(if $(SYSTEMD),-DHAVE_SYSTEMD=1) \
               $(PKG_CFLAGS) $(CPPFLAGS)
# A compiler that does not optimise has no FORTIFY; sanitizers do it better.
HARDEN       = $(if $(SAN),,-fPIE -fstack-protector-strong \
               $(if $(filter -O1 -O2 -O3 -Os,$(CFLAGS)), \
               -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=2))
HARDEN_LINK  = $(if $(SAN),,-pie -Wl,-z,relro,-z,now)
ALL_CFLAGS   = $(WARN) $(if $(CI),-Werror) $(HARDEN) $(CFLAGS) -MMD -MP \
               $(SAN:%=-fsanitize=% -fno-sanitize-recover=all -fno-omit-frame-pointer)
ALL_LDFLAGS  = $(HARDEN_LINK) $(LDFLAGS) $(SAN:%=-fsanitize=%)
# Debian's libunbound.pc wants the .pc files of what libunbound is made of.
ALL_LDLIBS   = $(PKG_LIBS) -lunbound $(LDLIBS)

TABLES  := $(wildcard src/issuers/*.tsv)
CORE    := $(patsubst %.c,$(OBJ)/%.o,$(wildcard src/*/*.c)) $(OBJ)/issuers_builtin.o
BACKEND := $(patsubst %.c,$(OBJ)/%.o,$(wildcard backend/*/*.c))
ENGINE  := $(filter-out $(OBJ)/backend/commands/main.o,$(BACKEND))
TESTLIB := $(patsubst %.c,$(OBJ)/%.o,$(wildcard tests/lib/*.c))
UNITS   := $(patsubst tests/unit/%.c,$(OUT)/unit/%,$(wildcard tests/unit/$(or $(ROOM),*)/test_*.c))
TOOLS   := $(patsubst tests/tools/%.c,$(OUT)/tools/%,$(wildcard tests/tools/*.c))
BENCHES := $(patsubst tests/bench/%.c,$(OUT)/bench/%,$(wildcard tests/bench/*.c))
REPLAY  := $(patsubst tests/fuzz/%.c,$(OUT)/replay/%,$(wildcard tests/fuzz/fuzz_*.c))
FUZZERS := $(patsubst tests/fuzz/%.c,build/fuzz/%,$(wildcard tests/fuzz/fuzz_*.c))
# A program of tests is linked with what it uses of these, not with all.
TESTED  := $(OBJ)/libtested.a
TESTS   := $(OBJ)/libtests.a $(TESTED)
# Rooms of which no fuzzer reaches anything: they are not instrumented for it.
UNFUZZED := alarm check commands deploy doctor engine http look page scan \
            serve setup source tell wall
FUZZED   := $(foreach o,$(ENGINE) $(CORE), \
                $(if $(filter $(UNFUZZED),$(notdir $(patsubst %/,%,$(dir $o)))),,$o))
# All processors, where this make begins a build and -j says nothing else.
JOBS     = $(if $(findstring -j,$(MAKEFLAGS)),,-j$(shell nproc))

# A line a file, or all of it.
Q   := $(if $(V),,@)
say  = $(if $(V),,@printf '  %-5s %s\n' $1 $2)

all: $(OUT)/pdns-tlsa

$(OUT)/pdns-tlsa: $(BACKEND) $(CORE)
	$(call say,LD,$@)
	$(Q)$(CC) $(ALL_LDFLAGS) -o $@ $^ $(ALL_LDLIBS)
$(TESTED): $(ENGINE) $(CORE)
$(OBJ)/libtests.a: $(TESTLIB)
$(OBJ)/libfuzzed.a: $(FUZZED)
$(OBJ)/%.a:
	@$(RM) $@
	$(call say,AR,$@)
	$(Q)$(AR) qcs $@ $^
$(OUT)/unit/%: $(OBJ)/tests/unit/%.o $(TESTS)
	@mkdir -p $(@D)
	$(call say,LD,$@)
	$(Q)$(CC) $(ALL_LDFLAGS) -o $@ $^ $(ALL_LDLIBS) -lcmocka
$(OUT)/tools/%: $(OBJ)/tests/tools/%.o $(TESTS)
	@mkdir -p $(@D)
	$(call say,LD,$@)
	$(Q)$(CC) $(ALL_LDFLAGS) -o $@ $^ $(ALL_LDLIBS) -lcmocka
# Loaded into programs under test, and so never with a sanitizer.
$(OUT)/tools/faulty.so: tests/preload/faulty.c tests/preload/faulty.h Makefile
	@mkdir -p $(@D)
	$(call say,LD,$@)
	$(Q)$(CC) -D_GNU_SOURCE $(WARN) $(if $(CI),-Werror) -O2 -fPIC -shared -o $@ $<
# What is compiled in, all of it in one object: made again for another PREFIX.
INSTALLED = -DVERSION='"$(VERSION)"' -DDATADIR='"$(PREFIX)/share"' \
            -DSBINDIR='"$(PREFIX)/sbin"' \
            -DSYSCONFDIR='"$(SYSCONFDIR)"'
$(OBJ)/installed: FORCE
	@mkdir -p $(@D)
	@echo '$(VERSION) $(PREFIX) $(SYSCONFDIR)' | cmp -s - $@ || \
	    echo '$(VERSION) $(PREFIX) $(SYSCONFDIR)' >$@
$(OBJ)/src/base/installed.o: ALL_CPPFLAGS += $(INSTALLED)
$(OBJ)/src/base/installed.o: $(OBJ)/installed
$(OBJ)/backend/reports/%.o $(OBJ)/backend/http/%.o: ALL_CPPFLAGS += $(LOADED_CFLAGS)
$(OBJ)/%.o: %.c Makefile
	@mkdir -p $(@D)
	$(call say,CC,$<)
	$(Q)$(CC) $(ALL_CPPFLAGS) $(if $(filter src/%,$<),,-Ibackend) $(if $(filter tests/%,$<),-Isrc -Itests/lib -Itests/preload) $(ALL_CFLAGS) -c -o $@ $<

# The tables of issuers are also part of the program.
$(OUT)/issuers_builtin.c: $(TABLES) src/issuers/make-builtin.sh
	@mkdir -p $(@D)
	$(call say,MAKE,$@)
	$(Q)src/issuers/make-builtin.sh $(TABLES) >$@.new
	@mv $@.new $@
$(OBJ)/issuers_builtin.o: $(OUT)/issuers_builtin.c Makefile
	@mkdir -p $(@D)
	$(call say,CC,$<)
	$(Q)$(CC) $(ALL_CPPFLAGS) $(ALL_CFLAGS) -c -o $@ $<

$(OUT)/replay/%: $(OBJ)/tests/fuzz/%.o $(OBJ)/tests/fuzz/replay.o $(TESTED)
	@mkdir -p $(@D)
	$(call say,LD,$@)
	$(Q)$(CC) $(ALL_LDFLAGS) -o $@ $^ $(ALL_LDLIBS)

# What make install does is asked of the build that people install.  With
# sanitizers those are left out in which others' programs differ, not what ours
# is asked.
PLAIN_ONLY := $(patsubst %,tests/integration/%.sh, install demo clients servers \
    containers issuers pebble pdns_unix doctor_twice dnssec_alone \
    dnssec_failures dnssec_overlay dnssec_own dnssec_secondary dnssec_sql)
# And of these sanitizers leave time for less.
PLAIN_TOO  := $(patsubst %,tests/simulation/%.sh, costly soak torture)
SCRIPTS    := $(wildcard tests/integration/*.sh tests/simulation/*.sh)
SCRIPTS    := $(filter-out $(if $(SAN),$(PLAIN_ONLY)),$(SCRIPTS))
SCRIPTS    := $(if $(filter plain,$(ONLY)),$(PLAIN_ONLY) $(PLAIN_TOO),$(SCRIPTS))
# make check: install what is missing (as root), build everything, run all;
# ROOM=policy: what that room has of its own; ONLY=plain: of the scripts those
# that sanitizers leave out, for who has asked them the others.
check:
	@tests/lib/need.sh check
	$(MAKE) $(JOBS) check-built
# What takes longest begins first, or one processor would wait for the last.
check-built: $(if $(UNITS),$(UNITS),no-such-room) $(if $(ROOM),,$(TOOLS) $(OUT)/tools/faulty.so $(REPLAY) $(BENCHES)) $(OUT)/pdns-tlsa
	tests/check-layers.sh $(OBJ)
	OUT=$(OUT) PDNS_TLSA=$(OUT)/pdns-tlsa tests/run.sh \
	    $(if $(ROOM),,$(SCRIPTS) \
	    tests/transcripts/run.sh tests/fuzz/replay.sh) $(UNITS)
no-such-room:
	@echo "tests/unit/$(ROOM) has no tests; rooms with some: $(notdir $(wildcard tests/unit/*))" >&2; false
# Real mail servers, an ACME CA and validators, as root; SMOKE=1 for a few.
check-mail:
	@tests/lib/need.sh mail
	@$(MAKE) $(JOBS) --no-print-directory $(OUT)/pdns-tlsa
	PDNS_TLSA=$(OUT)/pdns-tlsa tests/mail/run.sh
# The pages in chromium: pictures in build/look, and what axe finds of them.
# LOOK=docs for the pictures of the docs; axe comes from npm's registry.
check-look:
	@tests/lib/need.sh look
	@$(MAKE) $(JOBS) --no-print-directory $(OUT)/pdns-tlsa
	PDNS_TLSA=$(OUT)/pdns-tlsa tests/run.sh tests/look/look.sh
# The package on booted machines of Debian 12, 13 and 14, as root.
check-releases:
	@tests/lib/need.sh releases
	JOBS=3 tests/run.sh $(wildcard tests/releases/*.sh)
# Surprises of other programs: which still hold?  As root; no part of check.
findings:
	@tests/lib/need.sh releases
	findings/lib/run.sh
check-unit:
	@$(MAKE) $(JOBS) --no-print-directory $(UNITS) $(REPLAY) $(OUT)/pdns-tlsa
	OUT=$(OUT) PDNS_TLSA=$(OUT)/pdns-tlsa tests/run.sh $(UNITS) \
	    tests/fuzz/replay.sh tests/transcripts/run.sh

# Faults of all kinds for TORTURE_SECONDS, each answer judged; root for mounts.
TORTURE_SECONDS ?= 3600
torture:
	@tests/lib/need.sh check
	@$(MAKE) $(JOBS) --no-print-directory $(OUT)/pdns-tlsa \
	    $(OUT)/tools/torture $(OUT)/tools/faulty.so
	OUT=$(OUT) PDNS_TLSA=$(OUT)/pdns-tlsa TORTURE_SECONDS=$(TORTURE_SECONDS) \
	    tests/simulation/torture.sh

demo:
	@tests/lib/need.sh demo
	@$(MAKE) $(JOBS) --no-print-directory all
	@tests/demo.sh

# Each fuzzer for FUZZ_SECONDS, beginning with its seeds.
FUZZ_SECONDS ?= 60
fuzz:
	@tests/lib/need.sh lint
	tests/fuzz/run.sh $(FUZZ_SECONDS)

lint:
	@tests/lib/need.sh lint
	tests/lint.sh

bench:
	@tests/lib/need.sh bench
	$(MAKE) $(JOBS) all $(BENCHES)
	OUT=$(OUT) PDNS_TLSA=$(OUT)/pdns-tlsa tests/bench/run.sh
$(OUT)/bench/%: $(OBJ)/tests/bench/%.o $(TESTS)
	@mkdir -p $(@D)
	$(call say,LD,$@)
	$(Q)$(CC) $(ALL_LDFLAGS) -o $@ $^ $(ALL_LDLIBS) -lcmocka

# Backing off between restarts: systemd before 254 complains of these keys.
BACKOFF = $(shell pkg-config --atleast-version=254 libsystemd 2>/dev/null && echo yes)
# $(call put,MODE,FILE,TARGET): a file that speaks of PREFIX.
put = mkdir -p $(dir $(DESTDIR)$3) && sed -e 's|@PREFIX@|$(PREFIX)|g' \
      $(if $(BACKOFF),,-e '/^Restart\(Steps\|MaxDelaySec\)=/d') $2 >$(DESTDIR)$3 && chmod $1 $(DESTDIR)$3
SHARE := $(PREFIX)/share
install: all
	install -D -m 755 $(OUT)/pdns-tlsa $(DESTDIR)$(PREFIX)/sbin/pdns-tlsa
	install -D -m 644 docs/pdns-tlsa.8 $(DESTDIR)$(SHARE)/man/man8/pdns-tlsa.8
	install -D -m 644 docs/pdns-tlsa.yaml.5 $(DESTDIR)$(SHARE)/man/man5/pdns-tlsa.yaml.5
	install -D -m 644 packaging/systemd/pdns-tlsa.sysusers $(DESTDIR)$(PREFIX)/lib/sysusers.d/pdns-tlsa.conf
	install -D -m 644 packaging/systemd/pdns-tlsa.tmpfiles $(DESTDIR)$(PREFIX)/lib/tmpfiles.d/pdns-tlsa.conf
	install -D -m 644 packaging/systemd/pdns-tlsa.catalog $(DESTDIR)$(PREFIX)/lib/systemd/catalog/pdns-tlsa.catalog
	$(call put,644,packaging/systemd/pdns-tlsa.socket,$(UNITDIR)/pdns-tlsa.socket)
	install -D -m 644 packaging/systemd/pdns-tlsa-http.socket $(DESTDIR)$(UNITDIR)/pdns-tlsa-http.socket
	$(call put,644,packaging/systemd/pdns-tlsa.service,$(UNITDIR)/pdns-tlsa.service)
	$(call put,644,packaging/systemd/pdns-tlsa-deploy@.service,$(UNITDIR)/pdns-tlsa-deploy@.service)
	$(call put,755,packaging/completion/complete,$(SHARE)/pdns-tlsa/complete)
	$(call put,644,packaging/completion/pdns-tlsa.bash,$(SHARE)/bash-completion/completions/pdns-tlsa)
	$(call put,644,packaging/completion/pdns-tlsa.zsh,$(ZSHDIR)/_pdns-tlsa)
	$(call put,644,packaging/completion/pdns-tlsa.fish,$(SHARE)/fish/vendor_completions.d/pdns-tlsa.fish)
	install -D -m 644 packaging/systemd/read-private-stores.conf $(DESTDIR)$(SHARE)/pdns-tlsa/read-private-stores.conf
	install -D -m 644 packaging/systemd/alarm-network.conf $(DESTDIR)$(SHARE)/pdns-tlsa/alarm-network.conf
	for program in mail webhook; do install -D -m 755 packaging/alarm/$$program \
	    $(DESTDIR)$(SHARE)/pdns-tlsa/alarm/$$program || exit 1; done
	install -D -m 644 packaging/prometheus/pdns-tlsa.rules.yml $(DESTDIR)$(SHARE)/doc/pdns-tlsa/prometheus/pdns-tlsa.rules.yml
	install -D -m 644 packaging/grafana/pdns-tlsa.json $(DESTDIR)$(SHARE)/doc/pdns-tlsa/grafana/pdns-tlsa.json
	install -D -m 644 packaging/pdns-tlsa.yaml $(DESTDIR)$(SHARE)/doc/pdns-tlsa/pdns-tlsa.yaml
	for file in $(TABLES); do install -D -m 644 $$file \
	    $(DESTDIR)$(SHARE)/pdns-tlsa/issuers/$${file##*/} || exit 1; done
	for hook in dehydrated/pdns-tlsa-hook acme.sh/pdns-tlsa-hook certbot/pdns-tlsa-deploy; do \
	    install -D -m 755 packaging/$$hook $(DESTDIR)$(SHARE)/doc/pdns-tlsa/$$hook || exit 1; done
	for file in pdns-config/*.conf; do install -D -m 644 $$file \
	    $(DESTDIR)$(SHARE)/doc/pdns-tlsa/$$file || exit 1; done

# build/pdns-tlsa_VERSION_ARCH.deb, for the release of Debian it is made on.
deb:
	@tests/lib/need.sh deb
	@packaging/make-deb.sh $(VERSION)

clean:
	$(RM) -r build

-include $(shell find $(OBJ) -name '*.d' -type f 2>/dev/null)
# keep the objects of tests
.SECONDARY:
.PHONY: FORCE all check check-built no-such-room check-mail check-look check-releases check-unit findings demo bench fuzz torture lint install deb clean
