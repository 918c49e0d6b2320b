#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Installs the Debian packages that skant needs: `setup.sh build` to build and install it, `setup.sh test` for its tests as
# well.
set -eu

build='gcc make pkg-config libc6-dev libpcre2-dev libyaml-dev libcjson-dev
	libdeflate-dev zlib1g-dev libcurl4-openssl-dev libsqlite3-dev libsystemd-dev libmicrohttpd-dev
	libarchive-dev libseccomp-dev scdoc'
test='clang clang-tidy clang-format libclang-rt-14-dev llvm-14 libcmocka-dev
	libgnutls28-dev systemd rsyslog rsyslog-relp rsyslog-openssl jq xxd openssl cppcheck pmccabe shellcheck git python3
	git-filter-repo util-linux strace gawk groff mandoc zsh fish bash-completion sqlite3
	ca-certificates python3-jsonschema
	python3-yaml parallel openssh-client pre-commit zip p7zip-full rpm zstd xz-utils bzip2 cpio libarchive-tools
	chromium python3-html5lib gcovr
	build-essential debhelper lintian gnupg libbz2-dev liblzma-dev libzstd-dev nettle-dev
	gcc-aarch64-linux-gnu libc6-dev-arm64-cross qemu-user
	libivykis0 libjson-c5 libnet1 libpcre3 libwrap0 libglib2.0-0'
# For the tests: one that Debian does not let stand beside rsyslog, two that are not to run on this machine.
unpacked='syslog-ng-core systemd-journal-remote openssh-server'
# Node.js from elsewhere brings npm along, and Debian's would be at odds with it.
command -v npm >/dev/null || test="$test npm"

case ${1-} in
build) wanted=$build ;;
test) wanted="$build $test" ;;
*)
	echo "usage: $0 build | test" >&2
	exit 2
	;;
esac

missing=
for package in $wanted; do
	dpkg-query -W -f '${Status}' "$package" 2>/dev/null | grep -q 'ok installed' || missing="$missing $package"
done
to=$(dirname "$0")/../../build/unpacked
missing_unpacked=
for package in $unpacked; do
	[ "$1" = build ] || [ -e "$to/usr/share/doc/$package" ] || missing_unpacked="$missing_unpacked $package"
done
[ -n "$missing$missing_unpacked" ] || exit 0

as_root=
if [ "$(id -u)" -ne 0 ]; then
	as_root=sudo
fi
export DEBIAN_FRONTEND=noninteractive
$as_root apt-get -qq update
if [ -n "$missing" ]; then
	echo "installing:$missing"
	# shellcheck disable=SC2086 # a list of packages
	$as_root apt-get -qq install --no-install-recommends -y $missing >/dev/null
fi
for package in $missing_unpacked; do
	echo "unpacking: $package"
	mkdir -p "$to/debs"
	(cd "$to/debs" && rm -f "$package"_*.deb && apt-get -qq -o APT::Sandbox::User=root download "$package")
	dpkg-deb -x "$to/debs/$package"_*.deb "$to"
done
