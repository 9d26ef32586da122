# Builds everything that is C. Wildcards: a new file needs no edit here.
#   make            debug build (ASan + UBSan) of bin/invigil and all test programs
#   make MODE=release | fuzz | tsan      other builds, each in a folder of its own
#   make CC=clang   the same with clang
#   make B=build/x  another output folder, so that builds can run side by side
#   make V=1        with every command in full
#   make gen        what the browser side needs from here: schema/*.ts.in and the core as WebAssembly
#   make web        gen, then the browser side to web/dist (which bin embeds)
# ./dev is the friendlier door.

MODE ?= debug
CC := $(if $(filter default,$(origin CC)),gcc,$(CC))
B ?= build/$(MODE)$(if $(filter clang%,$(notdir $(CC))),-clang)

# A room may include itself and the rooms named here; the order is also the link order.
ROOMS     := cmd http report link app store port seal core sense net wire base
DEPS_base :=
DEPS_wire := base
DEPS_net  := base wire
DEPS_sense:= base wire
DEPS_core := wire base
DEPS_seal := wire base
DEPS_port := seal core wire base
DEPS_app  := port seal core wire base
DEPS_store:= port seal core wire base
DEPS_link := seal core wire base
DEPS_report := seal core wire base
DEPS_http := report link app store port seal core sense net wire base
DEPS_cmd  := http report link app store port seal core sense net wire base

# llhttp is there as C sources only. wslay, without a pkg-config file, is the peer in tests of net.
PKGS      := libuv openssl libsodium sqlite3 jansson libxml-2.0 md4c md4c-html
LLHTTP_INCLUDE := /usr/share/include
PKG_CFLAGS:= -I$(LLHTTP_INCLUDE) $(shell pkg-config --cflags $(PKGS))
PKG_LIBS  := $(shell pkg-config --libs $(PKGS)) -lpthread -lm

WARN := -Wall -Wextra -Wconversion -Wshadow -Wvla -Werror=switch -Werror
BASE_CFLAGS := -std=c17 -D_GNU_SOURCE -Isrc -I. $(WARN) -g -MMD -MP $(patsubst -I%,-isystem %,$(PKG_CFLAGS))
CFLAGS_debug   := -O1 -fno-omit-frame-pointer -fsanitize=address,undefined -fno-sanitize-recover=all
CFLAGS_release := -O2 -D_FORTIFY_SOURCE=2 -fstack-protector-strong -fPIE -fstack-clash-protection
CFLAGS_tsan    := -O1 -fsanitize=thread
CFLAGS_fuzz    := -O1 -fno-omit-frame-pointer -fsanitize=fuzzer-no-link,address,undefined -fno-sanitize-recover=all
LDFLAGS_debug  := -fsanitize=address,undefined
LDFLAGS_release:= -pie -Wl,-z,relro,-z,now
LDFLAGS_tsan   := -fsanitize=thread
LDFLAGS_fuzz   := -fsanitize=fuzzer,address,undefined
CFLAGS  := $(BASE_CFLAGS) $(CFLAGS_$(MODE)) $(EXTRA_CFLAGS)
LDFLAGS := $(LDFLAGS_$(MODE))

LLHTTP_DIR := /usr/share/llhttp

srcs = $(wildcard src/$(1)/*.c)
objs = $(patsubst %.c,$(B)/%.o,$(call srcs,$(1)))
libs = $(foreach r,$(1),$(B)/$(r).a)

TEST_SRCS := $(wildcard test/*/*_test.c)
TESTS     := $(patsubst test/%.c,$(B)/test/%,$(TEST_SRCS))
FUZZ_SRCS := $(wildcard fuzz/*.c)
FUZZERS   := $(patsubst fuzz/%.c,$(B)/fuzz/%,$(FUZZ_SRCS))
SIM_OBJS  := $(patsubst %.c,$(B)/%.o,$(wildcard sim/*.c))
BENCHES   := $(patsubst bench/%.c,$(B)/bench/%,$(wildcard bench/*.c))

.PHONY: all bin tests fuzzers benches rooms sim real gen web print-flags
.SECONDARY:
ifndef V
.SILENT:
endif
all: bin tests
bin: $(B)/invigil
tests: $(TESTS)
fuzzers: $(FUZZERS)
benches: $(BENCHES)
sim: $(B)/sim/sim
real: $(B)/test/real/real
rooms: $(call libs,$(ROOMS))

$(B)/%.o: %.c
	@mkdir -p $(@D)
	@echo '  cc    $<'
	$(CC) $(CFLAGS) -c $< -o $@

define room_rule
$(B)/$(1).a: $(call objs,$(1)) $(EXTRA_OBJS_$(1))
	@mkdir -p $$(@D)
	@rm -f $$@
	ar rcs $$@ $$^
endef

# Foreign sources (llhttp's generated C) are compiled without our warnings.
EXTRA_OBJS_net := $(patsubst %,$(B)/llhttp/%.o,llhttp api http)
$(B)/llhttp/%.o: $(LLHTTP_DIR)/%.c
	@mkdir -p $(@D)
	$(CC) -std=c17 -g -O2 -DLLHTTP_STRICT_MODE=1 $(filter -fsanitize=%,$(CFLAGS_$(MODE))) -I$(LLHTTP_INCLUDE)/llhttp -c $< -o $@

# The tables as TypeScript. A template is TypeScript with the C preprocessor's lines in it, so it has
# no // and no apostrophe; -undef keeps words like linux and unix as they are.
GEN_DIR := web/lib/gen
GEN_TS  := $(patsubst schema/%.ts.in,$(GEN_DIR)/%.ts,$(wildcard schema/*.ts.in))
$(GEN_DIR)/%.ts: schema/%.ts.in $(wildcard schema/*.def)
	@mkdir -p $(@D) build/gen
	cc -E -P -undef -nostdinc -I. -MMD -MP -MF build/gen/$*.d -MT $@ -x c $< -o $@.new
	@{ echo '// Written from $< by make gen.'; sed '/^$$/d' $@.new; } > $@ && rm $@.new

# The pure core for the browser. There is no C library there: tools/wasm has what little is called.
WASM_SRCS := $(wildcard src/wasm/*.c)
WASM_ALL  := $(if $(WASM_SRCS),$(WASM_SRCS) $(call srcs,core) $(call srcs,wire) \
             src/base/base.c src/base/text.c tools/wasm/libc.c)
WASM_FLAGS := --target=wasm32 -std=c17 -O2 -nostdlib -nostdlibinc -isystem tools/wasm/include -Isrc -I. \
              -mbulk-memory -fvisibility=hidden $(WARN)
WASM_LINK  := -Wl,--no-entry -Wl,--export-dynamic -Wl,--strip-all -Wl,-z,stack-size=262144
$(GEN_DIR)/core.wasm: $(WASM_ALL) $(wildcard src/core/*.h src/wire/*.h src/base/*.h src/wasm/*.h schema/*.def) Makefile
	@mkdir -p $(@D)
	@echo '  wasm  $@'
	clang $(WASM_FLAGS) $(WASM_LINK) $(WASM_ALL) -o $@.new
	@mv $@.new $@

gen: $(GEN_TS) $(if $(WASM_SRCS),$(GEN_DIR)/core.wasm)

# The browser side. The stamps lie outside web/ because Vite empties web/dist first.
node_modules/.stamp: package-lock.json package.json
	@echo '  npm   packages of package-lock.json'
	PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD=1 npm ci --no-audit --no-fund --loglevel=error
	@touch $@
WEB_SRCS := $(shell find web -path web/dist -prune -o -path $(GEN_DIR) -prune -o -type f -print 2>/dev/null)
build/web.stamp: $(WEB_SRCS) $(GEN_TS) $(if $(WASM_SRCS),$(GEN_DIR)/core.wasm) node_modules/.stamp
	@mkdir -p build
	@echo '  vite  web/dist'
	node_modules/.bin/vite build --config web/vite.config.ts --logLevel warn
	@touch $@
web: build/web.stamp

# The web front end, compressed and embedded (see tools/embed.mjs).
WEB_DIST ?= web/dist
$(B)/assets.S $(B)/assets_table.c &: tools/embed.mjs $(wildcard $(WEB_DIST)/* $(WEB_DIST)/*/*)
	@mkdir -p $(B)
	node tools/embed.mjs $(WEB_DIST) $(B)
$(B)/assets.o: $(B)/assets.S
	$(CC) -c $< -o $@
$(B)/assets_table.o: $(B)/assets_table.c
	$(CC) $(CFLAGS) -c $< -o $@
ASSETS := $(B)/assets.o $(B)/assets_table.o

$(foreach r,$(ROOMS),$(eval $(call room_rule,$(r))))

$(B)/invigil: $(call libs,$(ROOMS)) $(ASSETS)
	@echo '  link  $@'
	$(CC) $(LDFLAGS) -Wl,--as-needed -o $@ $(ASSETS) -Wl,--start-group $(call libs,$(ROOMS)) -Wl,--end-group $(PKG_LIBS)

# For tools that read C as the compiler does.
print-flags:
	@echo $(BASE_CFLAGS)

# A test that includes test/failing.h lets the n-th allocation fail.
FAILING := -Wl,--wrap=malloc,--wrap=calloc,--wrap=realloc
TEST_LDFLAGS = $(if $(shell grep -l test/failing.h $(1)),$(FAILING))

# test/ROOM/x_test.c links its room and what that room may use.
define test_rule
$(B)/test/$(1)/%: $(B)/test/$(1)/%.o $(call libs,$(1) $(DEPS_$(1))) $(if $(filter http cmd,$(1)),$(ASSETS))
	@mkdir -p $$(@D)
	@echo '  link  $$@'
	$(CC) $(LDFLAGS) $$(call TEST_LDFLAGS,$$(patsubst $(B)/%.o,%.c,$$<)) -o $$@ $$< $(if $(filter http cmd,$(1)),$(ASSETS)) -Wl,--start-group $(call libs,$(1) $(DEPS_$(1))) -Wl,--end-group $(PKG_LIBS) $(if $(filter net,$(1)),-lwslay)
endef
$(foreach r,$(ROOMS),$(eval $(call test_rule,$(r))))

comma := ,
# All that may fail in a whole exam, see test/sweep/faults.h.
FAULTS := $(FAILING) $(foreach f,write pwrite pwritev fsync fdatasync ftruncate mkdir rename open,-Wl$(comma)--wrap=$(f))
$(B)/test/sweep/%: $(B)/test/sweep/%.o $(call libs,app store port seal core wire base)
	@mkdir -p $(@D)
	@echo '  link  $@'
	$(CC) $(LDFLAGS) $(FAULTS) -o $@ $< -Wl,--start-group $(call libs,app store port seal core wire base) -Wl,--end-group $(PKG_LIBS)

$(B)/fuzz/%: $(B)/fuzz/%.o $(call libs,link report net store port seal core wire base)
	@mkdir -p $(@D)
	@echo '  link  $@'
	$(CC) $(LDFLAGS) -o $@ $< -Wl,--start-group $(call libs,link report net store port seal core wire base) -Wl,--end-group $(PKG_LIBS)

$(B)/bench/hall $(B)/bench/bustle: $(addprefix $(B)/bench/parts/,peer.o talk.o times.o)
$(B)/bench/%: $(B)/bench/%.o $(call libs,app store port seal core net wire base)
	@mkdir -p $(@D)
	@echo '  link  $@'
	$(CC) $(LDFLAGS) -o $@ $(filter %.o,$^) -Wl,--start-group $(call libs,app store port seal core net wire base) -Wl,--end-group $(PKG_LIBS)

# One program; the world it makes stands where net, store and clock stand.
$(B)/sim/sim: $(SIM_OBJS) $(call libs,app store port seal core wire base)
	@mkdir -p $(@D)
	@echo '  link  $@'
	$(CC) $(LDFLAGS) -o $@ $(SIM_OBJS) -Wl,--start-group $(call libs,app store port seal core wire base) -Wl,--end-group $(PKG_LIBS)

# Candidates for the real program, which is ended, stopped and misled about the time meanwhile.
REAL_OBJS := $(patsubst %.c,$(B)/%.o,$(wildcard test/real/*.c) bench/parts/talk.c)
$(B)/test/real/real: $(REAL_OBJS) $(call libs,store port seal core wire base)
	@mkdir -p $(@D)
	@echo '  link  $@'
	$(CC) $(LDFLAGS) -o $@ $(REAL_OBJS) -Wl,--start-group $(call libs,store port seal core wire base) -Wl,--end-group $(PKG_LIBS)

-include $(wildcard build/gen/*.d) $(shell find $(B) -name '*.d' 2>/dev/null)
