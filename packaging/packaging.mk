# SPDX-License-Identifier: Apache-2.0
# Man pages, completions, installation, the tarball. Part of ../Makefile.

# Manuals of programs, and completions, come from the option tables (PROGRAM --dump-options).
PROGRAMS  := skant skantctl skantd
# The section of a program's manual, and the folder it is installed in.
section    = $(if $(filter skantd,$(1)),8,1)
folder     = $(if $(filter skantd,$(1)),sbin,bin)
# Manuals of files and formats. All but skantd.yaml's are made from guides.
FORMATS   := skantd.yaml skant.yaml skant-policy skant-rules skant-report skant-events
guide_skant.yaml   := docs/configuration.md
brief_skant.yaml   := configuration of skant(1) and skantctl(1)
see_skant.yaml     := skant(1) skantctl(1) skant-policy(5) skant-rules(5) gitignore(5)
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

GENERATED := $(foreach p,$(PROGRAMS),$(B)/man/$(p).$(call section,$(p)) $(B)/completions/$(p).bash \
             $(B)/completions/_$(p) $(B)/completions/$(p).fish) $(FORMATS:%=$(B)/man/%.5)

# Words of commands and keys are not to be hyphenated; man-db's macros switch that on again in .TH.
SCDOC := scdoc | sed '/^\.TH /a .nh\n.ad l'

define man_page
	@mkdir -p $(@D)
	$(B)/$* --dump-options | awk -v template=$< -f packaging/options.awk | $(SCDOC) > $@
endef

define guide_page
$(B)/man/$(1).5: $(guide_$(1)) packaging/manual.awk
	@mkdir -p $$(@D)
	awk -v name=$(1) -v section=5 -v brief='$(brief_$(1))' -v see='$(see_$(1))' -f packaging/manual.awk $$< | $$(SCDOC) > $$@

endef
$(foreach f,$(filter-out skantd.yaml,$(FORMATS)),$(eval $(call guide_page,$(f))))

$(B)/man/%.1: docs/%.1.scd.in packaging/options.awk $(B)/%
	$(man_page)

$(B)/man/%.8: docs/%.8.scd.in packaging/options.awk $(B)/%
	$(man_page)

$(B)/man/%.5: docs/%.5.scd
	@mkdir -p $(@D)
	<$< $(SCDOC) > $@

$(B)/completions/%.bash: packaging/completions.awk $(B)/%
	@mkdir -p $(@D)
	$(B)/$* --dump-options | awk -v program=$* -v form=bash -f packaging/completions.awk > $@

$(B)/completions/_%: packaging/completions.awk $(B)/%
	@mkdir -p $(@D)
	$(B)/$* --dump-options | awk -v program=$* -v form=zsh -f packaging/completions.awk > $@

$(B)/completions/%.fish: packaging/completions.awk $(B)/%
	@mkdir -p $(@D)
	$(B)/$* --dump-options | awk -v program=$* -v form=fish -f packaging/completions.awk > $@

man: $(GENERATED)

share := $(DESTDIR)$(PREFIX)/share
GUIDES := skantctl policy audit usage-and-cost access-review messages skantd events ingest pipelines reliability

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
	install -Dm644 -t $(share)/man/man5 $(FORMATS:%=$(B)/man/%.5)
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
	rm -f $(FORMATS:%=$(share)/man/man5/%.5)
	rm -f $(share)/doc/skant/README.md $(GUIDES:%=$(share)/doc/skant/%.md) $(share)/doc/skant/examples/skantd.yaml
	rm -f $(DESTDIR)$(UNITDIR)/skantd.service $(DESTDIR)$(CATALOGDIR)/skant.catalog $(DESTDIR)$(SYSUSERSDIR)/skant.conf
	-rmdir $(share)/doc/skant/examples $(share)/doc/skant 2>/dev/null

# A tarball of what is committed; the same commit gives the same bytes.
dist:
	@mkdir -p build
	git archive --format=tar --prefix=skant-$(VERSION)/ HEAD | gzip -n9 > build/skant-$(VERSION).tar.gz
	@echo build/skant-$(VERSION).tar.gz
