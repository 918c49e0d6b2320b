#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Each foreign library is seen by one place of ours: replacing it, or reading how it is used, is a matter of one file.
# The same goes for what only Linux or glibc has; skantd is for Linux alone.
. "$(dirname "$0")/lib.sh"

# header as it is included -> the files that may; both are patterns in which * matches anything.
places='
yaml.h              common/sys/conf.c
cJSON.h             common/sys/json_tree.c
*/cJSON.h           common/sys/json_tree.c
pcre2*.h            scanner/match/engine.c
curl/*              common/api/transport.c forwarder/sink/tls.c
archive*.h          scanner/unpack/*
seccomp.h           scanner/unpack/calls_linux.c
libdeflate.h        scanner/source/git/* common/sys/gunzip.c
zlib.h              scanner/source/git/* common/sys/inflate.c tests/mock/compress.c
sqlite3*.h          forwarder/spool/*
systemd/*           forwarder/sink/journal_read.c forwarder/notify.c
microhttpd.h        forwarder/metrics_http.c tests/mock/server.c
gnutls/*            tests/mock/wire.c
cmocka.h            -
linux/*             *_linux.c common/sys/callfilter.h forwarder/* tests/mock/*
asm/*               *_linux.c
sys/prctl.h         *_linux.c
sys/syscall.h       *_linux.c
sys/vfs.h           *_linux.c forwarder/*
sys/eventfd.h       forwarder/* tests/mock/*
sys/timerfd.h       forwarder/*
sys/signalfd.h      forwarder/*
sys/random.h        common/posix/libc.h forwarder/*
sys/epoll.h         -
sys/inotify.h       -
sys/sendfile.h      -
sys/sysmacros.h     -
sched.h             *_linux.c
elf.h               *_linux.c
link.h              *_linux.c
endian.h            -
malloc.h            forwarder/*
byteswap.h          -
'

# Prints the files that may include header; nothing, and 1, when it is no foreign one.
allowed_places() {
	local header=$1 pattern files

	while read -r pattern files; do
		# shellcheck disable=SC2053
		if [[ -n $pattern && $header == $pattern ]]; then
			printf '%s' "$files"
			return
		fi
	done <<<"$places"
	return 1
}

# Whether file is one of the patterns in $2...
is_among() {
	local file=$1 pattern

	shift
	for pattern; do
		# shellcheck disable=SC2053
		[[ $file == $pattern ]] && return
	done
	return 1
}

mapfile -d '' sources < <(list_product; list_files 'tests/mock/*.[ch]')
((${#sources[@]})) || cannot "no sources"
set -f # the places are patterns for file names to match, not for the shell to fill in
while IFS=: read -r file line header; do
	allowed=$(allowed_places "$header") || continue
	# shellcheck disable=SC2086
	is_among "$file" $allowed || offence "$file:$line: includes <$header>, which is for $allowed only"
done < <(awk '/^[ \t]*#[ \t]*include[ \t]*[<"]/ {
	header = $0
	sub(/^[^"<]*["<]/, "", header)
	sub(/[">].*/, "", header)
	print FILENAME ":" FNR ":" header
}' "${sources[@]}")

verdict "${#sources[@]} files"
