# SPDX-License-Identifier: Apache-2.0
# Man pages, completions, installation, the tarball. Part of ../Makefile.

# Manuals of programs, and completions, come from the option tables (PROGRAM --dump-options).
PROGRAMS  := skant skantctl $(if $(filter linux,$(SYSTEM)),skantd)
# The section of a program's manual, and the folder it is installed in.
section    = $(if $(filter skantd,$(1)),8,1)
folder     = $(if $(filter skantd,$(1)),$(SBINDIR),$(BINDIR))
# Manuals of files and formats, by whose they are. All but skantd.yaml's are made from guides.
formats_skant    := skant.yaml skant-rules skant-report
formats_skantctl := skantctl.yaml skant-policy
formats_skantd   := skantd.yaml skant-events
FORMATS   := $(foreach p,$(PROGRAMS),$(formats_$(p)))
guide_skant.yaml   := docs/configuration.md
brief_skant.yaml   := configuration of skant(1) and skantctl(1)
see_skant.yaml     := skant(1) skantctl(1) skant-policy(5) skant-rules(5) gitignore(5)
guide_skantctl.yaml := docs/configuration.md
part_skantctl.yaml  := skantctl.yaml
brief_skantctl.yaml := where skantctl(1) and skantd(8) find the API, and with which credentials
see_skantctl.yaml   := skantctl(1) skantd(8) skant.yaml(5) systemd.exec(5)
guide_skant-policy := docs/policy.md
brief_skant-policy := what an organisation wants of its keys, models, spending, data and people
see_skant-policy   := skantctl(1) skant(1) skantd(8) skant.yaml(5) skantd.yaml(5)
guide_skant-rules  := rules/README.md
brief_skant-rules  := rules of skant(1), and lists of prices and models
see_skant-rules    := skant(1) skantctl(1) skant.yaml(5) pcre2pattern(3) gitignore(5)
guide_skant-report := docs/reports.md
brief_skant-report := reports of skant(1)
see_skant-report   := skant(1) skant.yaml(5)
guide_skant-events := docs/events.md
brief_skant-events := what skantd(8) sends, in each format
see_skant-events   := skantd(8) skantd.yaml(5) journalctl(1) systemd.journal-fields(7)

manuals    = $(B)/man/$(1).$(section) $(B)/completions/$(1).bash $(B)/completions/_$(1) $(B)/completions/$(1).fish \
             $(formats_$(1):%=$(B)/man/%.5)
GENERATED := $(foreach p,$(PROGRAMS),$(call manuals,$(p)))

# The day of manuals is that of the version, whenever they are made: the same sources give the same bytes.
PAGES_EPOCH := $(or $(SOURCE_DATE_EPOCH),$(shell LC_ALL=C date -u +%s \
                 -d "$$(sed -n '/^ -- /{s/.*>  //p;q;}' packaging/debian/changelog)" 2>/dev/null))
# Words of commands and keys are not to be hyphenated; man-db's macros switch that on again in .TH.
SCDOC := $(if $(PAGES_EPOCH),SOURCE_DATE_EPOCH=$(PAGES_EPOCH) )scdoc | sed '/^\.TH /a .nh\n.ad l'

define man_page
	@mkdir -p $(@D)
	$(NATIVE)/$* --dump-options | awk -v template=$< -f packaging/options.awk | $(SCDOC) > $@
endef

# The whole guide, or what is below one heading of it.
guide_text = $(if $(part_$(1)),sed -n '/^## $(part_$(1))$$$$/$(comma)/^## /{/^## /d;s/^###/##/;p;}',cat)

define guide_page
$(B)/man/$(1).5: $(guide_$(1)) packaging/manual.awk
	@mkdir -p $$(@D)
	$(guide_text) $$< | awk -v name=$(1) -v section=5 -v brief='$(brief_$(1))' -v see='$(see_$(1))' -f packaging/manual.awk | \
		$$(SCDOC) > $$@

endef
$(foreach f,$(filter-out skantd.yaml,$(FORMATS)),$(eval $(call guide_page,$(f))))

$(B)/man/%.1: docs/%.1.scd.in packaging/options.awk $(NATIVE)/%
	$(man_page)

$(B)/man/%.8: docs/%.8.scd.in packaging/options.awk $(NATIVE)/%
	$(man_page)

$(B)/man/%.5: docs/%.5.scd
	@mkdir -p $(@D)
	<$< $(SCDOC) > $@

$(B)/completions/%.bash: packaging/completions.awk $(NATIVE)/%
	@mkdir -p $(@D)
	$(NATIVE)/$* --dump-options | awk -v program=$* -v form=bash -f packaging/completions.awk > $@

$(B)/completions/_%: packaging/completions.awk $(NATIVE)/%
	@mkdir -p $(@D)
	$(NATIVE)/$* --dump-options | awk -v program=$* -v form=zsh -f packaging/completions.awk > $@

$(B)/completions/%.fish: packaging/completions.awk $(NATIVE)/%
	@mkdir -p $(@D)
	$(NATIVE)/$* --dump-options | awk -v program=$* -v form=fish -f packaging/completions.awk > $@

$(filter $(B)/man/%,$(GENERATED)): packaging/packaging.mk packaging/debian/changelog

man: $(GENERATED)

share  := $(PREFIX)/share
BINDIR ?= $(PREFIX)/bin
SBINDIR ?= $(PREFIX)/sbin
MANDIR ?= $(share)/man
DOCDIR ?= $(share)/doc/skant
ZSHDIR ?= $(share)/zsh/site-functions
# The pages, below DOCDIR as they are here, so that their links hold.
PAGES  := README.md CHANGELOG.md CONTRIBUTING.md SECURITY.md rules/README.md docs/finding.svg $(sort $(wildcard docs/*.md))
# What docs/fleet.md starts on a cluster.
FLEET  := skant.sbatch skant-parallel skant-job.yaml

# Where systemd says that it looks, whatever PREFIX is.
systemd_folder = $(or $(shell $(PKG_CONFIG) systemd --variable=$(1) 2>/dev/null),$(PREFIX)/lib/$(2))
UNITDIR     ?= $(call systemd_folder,systemdsystemunitdir,systemd/system)
CATALOGDIR  ?= $(call systemd_folder,catalogdir,systemd/catalog)
SYSUSERSDIR ?= $(call systemd_folder,sysusersdir,sysusers.d)
# Which programs, with all that belongs to them, are installed, and whether the pages are.
PACKAGES    ?= $(PROGRAMS) skant-doc
# What install put where is written here, and uninstall goes by it. A package has a list of its own, and sets this empty.
MANIFEST    ?= $(share)/skant/manifest

# A line a file: package, mode, where it goes, what it is.
define nl


endef
format_files = $(foreach f,$(formats_$(1)),$(1) 644 $(MANDIR)/man5/$(f).5 $(B)/man/$(f).5$(nl))
define program_files
$(1) 755 $(folder)/$(1) $(B)/$(1)
$(1) 644 $(MANDIR)/man$(section)/$(1).$(section) $(B)/man/$(1).$(section)
$(1) 644 $(share)/bash-completion/completions/$(1) $(B)/completions/$(1).bash
$(1) 644 $(ZSHDIR)/_$(1) $(B)/completions/_$(1)
$(1) 644 $(share)/fish/vendor_completions.d/$(1).fish $(B)/completions/$(1).fish

endef
define skantd_files
skantd 644 $(DOCDIR)/examples/skantd.yaml packaging/skantd.yaml
skantd 644 $(UNITDIR)/skantd.service $(B)/skantd.service
skantd 644 $(CATALOGDIR)/skant.catalog forwarder/systemd/skant.catalog
skantd 644 $(SYSUSERSDIR)/skant.conf forwarder/systemd/skant.sysusers
endef
define FILES
$(foreach p,$(PROGRAMS),$(call program_files,$(p))$(call format_files,$(p)))
skant 755 $(LIBEXECDIR)/skant-unpack $(B)/skant-unpack
$(foreach f,$(FLEET),skant $(if $(findstring .yaml,$(f)),644,755) $(DOCDIR)/examples/$(f) packaging/fleet/$(f)$(nl))
$(if $(filter skantd,$(PROGRAMS)),$(skantd_files))
$(foreach f,$(PAGES),skant-doc 644 $(DOCDIR)/$(f) $(f)$(nl))
endef

# Made anew, not written to: it may be root's, who has installed before.
$(B)/skantd.service: forwarder/systemd/skantd.service.in FORCE
	@sed 's|@sbindir@|$(SBINDIR)|' $< | cmp -s - $@ || { rm -f $@ && sed 's|@sbindir@|$(SBINDIR)|' $< >$@; }

# What is installed, and no more: who wants one program needs the libraries of that one.
$(foreach p,$(filter $(PROGRAMS),$(PACKAGES)),$(eval install: $(B)/$(p) $(call manuals,$(p))))
install: $(if $(filter skant,$(PACKAGES)),$(B)/skant-unpack) $(if $(filter skantd,$(PACKAGES)),$(B)/skantd.service)
	$(if $(filter-out $(PROGRAMS) skant-doc,$(PACKAGES)),$(error PACKAGES is '$(PACKAGES)'; it is some of: $(PROGRAMS) skant-doc))
	$(shell rm -f $(B)/files)$(file >$(B)/files,$(FILES))
	$(Q)DESTDIR='$(DESTDIR)' packaging/install install '$(MANIFEST)' $(PACKAGES) <$(B)/files

uninstall:
	$(Q)DESTDIR='$(DESTDIR)' packaging/install uninstall '$(MANIFEST)'

# skant and skant-unpack that need nothing but a kernel, for images of CI: no library, no loader, no file of the system.
STATIC_LDFLAGS = $(filter-out -pie,$(ALL_LDFLAGS)) -static-pie
STATIC_SKANT = $(shell $(PKG_CONFIG) --static --libs $(SKANT_PKGS))
# Of what libarchive can be linked with, what it needs to read what skant-unpack asks it for.
STATIC_UNPACK = -larchive -lseccomp -ldeflate -lnettle -llzma -lzstd -lbz2 -lz

build/static/gitconfig.o: scanner/source/git/gitconfig.c $(B)/flags
	@mkdir -p $(@D)
	$(Q)$(CC) $(CPPFLAGS) $(ALL_CFLAGS) -DSKANT_STATIC -c -o $@ $<

-include build/static/gitconfig.d

build/static/skant: $(B)/scanner/main.o build/static/gitconfig.o $(B)/libscanner.a $(B)/libcommon.a
	@echo "  LD    $@"
	$(Q)$(CC) $(STATIC_LDFLAGS) $(LINK_MAP) -o $@ $^ $(STATIC_SKANT)

build/static/skant-unpack: $(B)/scanner/unpack/main.o $(B)/libunpack.a $(UNPACK_MORE) $(B)/libcommon.a
	@mkdir -p $(@D)
	@echo "  LD    $@"
	$(Q)$(CC) $(STATIC_LDFLAGS) $(LINK_MAP) -o $@ $^ -Wl,--start-group $(STATIC_UNPACK) -Wl,--end-group

static: build/static/skant build/static/skant-unpack

# Of what the programs that are built were made: SPDX 2.3. Its time is that of the commit, unless SOURCE_DATE_EPOCH says another.
sbom: all
	packaging/sbom $(VERSION) $(addprefix $(B)/,$(PROGRAMS) skant-unpack) $(wildcard build/static/skant build/static/skant-unpack) \
		>build/skant-$(VERSION).spdx.json
	@echo build/skant-$(VERSION).spdx.json

# skant, skantctl, skantd and these pages as Debian packages, in build/deb.
deb:
	packaging/deb build/deb
	@ls build/deb/*.deb

# A tarball of what is committed; the same commit gives the same bytes.
dist:
	@mkdir -p build
	git archive --format=tar --prefix=skant-$(VERSION)/ HEAD | gzip -n9 > build/skant-$(VERSION).tar.gz
	@echo build/skant-$(VERSION).tar.gz
