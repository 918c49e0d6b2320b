# SPDX-License-Identifier: Apache-2.0
# make [MODE=release|asan|tsan|coverage] [CC=gcc|clang] [WERROR=1] TARGET
# all check lint fuzz bench headers install uninstall dist clean

MODE    ?= release
PREFIX  ?= /usr/local
B       := build/$(MODE)
VERSION := $(shell sed -n 's/^\#define SKANT_VERSION "\(.*\)"/\1/p' common/base/version.h)

.DELETE_ON_ERROR:
.SUFFIXES:
.PHONY: all check lint fuzz bench headers install uninstall dist clean man
.DEFAULT_GOAL := all

PKG_CONFIG ?= pkg-config
PKGS       := libpcre2-8 yaml-0.1 libcjson
PKG_CFLAGS := $(shell $(PKG_CONFIG) --cflags $(PKGS))
PKG_LIBS   := $(shell $(PKG_CONFIG) --libs $(PKGS))

WARN := -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wformat=2 -Wstrict-prototypes -Wmissing-prototypes -Wvla \
        -Wwrite-strings -Wcast-qual -Wundef -Wpointer-arith -Wno-unused-command-line-argument
ifdef WERROR
WARN += -Werror
endif

CFLAGS.release   := -O2 -g -D_FORTIFY_SOURCE=2
CFLAGS.asan      := -O1 -g -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer
CFLAGS.tsan      := -O1 -g -fsanitize=thread -fno-omit-frame-pointer
CFLAGS.coverage  := -O0 -g --coverage
LDFLAGS.release  := -Wl,-z,relro,-z,now -Wl,--as-needed
LDFLAGS.asan     := -fsanitize=address,undefined
LDFLAGS.tsan     := -fsanitize=thread
LDFLAGS.coverage := --coverage
ifeq ($(CFLAGS.$(MODE)),)
$(error MODE is '$(MODE)'; it is one of release, asan, tsan, coverage)
endif

CFLAGS  ?=
LDFLAGS ?=
ALL_CFLAGS  = -std=gnu2x $(WARN) $(CFLAGS.$(MODE)) -fstack-protector-strong -fPIE -pthread $(CFLAGS)
ALL_LDFLAGS = -pie -pthread $(LDFLAGS.$(MODE)) $(LDFLAGS)
override CPPFLAGS += -I. -D_GNU_SOURCE -MMD -MP $(PKG_CFLAGS)
