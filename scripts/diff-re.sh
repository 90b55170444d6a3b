#!/bin/sh
# diff-re.sh [COUNT [SEED]] - generated regular expressions, our answers against PCRE2's
#
# Not part of `make check`: needs libpcre2 (Debian: libpcre2-dev). Exit 1 on a difference.
set -eu
cd "$(dirname "$0")/.."
out=build/diff
mkdir -p "$out"
if ! [ -e /usr/include/pcre2.h ]; then
	[ "$(id -u)" = 0 ] || { echo "diff-re.sh: libpcre2-dev is missing" >&2; exit 2; }
	apt-get install -y -q libpcre2-dev >"$out/apt.log" 2>&1
fi
${CC:-gcc} -std=c11 -D_GNU_SOURCE -O2 -g -Ilib -o "$out/re_pcre2" tests/diff/re_pcre2.c lib/policy/re*.c \
	lib/base/*.c -lpcre2-8 -lm
"$out/re_pcre2" "${1:-200000}" "${2:-$(date +%s)}"
