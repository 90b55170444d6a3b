#!/bin/sh
# repro.sh - the release is the same, byte for byte, from two different directories
#
# Builds the committed state twice in fresh folders of different depth and compares the programs.
set -eu
cd "$(dirname "$0")/.."
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
version=$(git describe --tags --always --dirty 2>/dev/null || cat VERSION 2>/dev/null || echo unknown)
deps=${OC_DEPS:-$PWD/build/deps}
for d in one a/much/deeper/two; do
	mkdir -p "$tmp/$d"
	git ls-files -z | xargs -0 tar -cf - | tar -C "$tmp/$d" -xf -
	(cd "$tmp/$d" && make -j"$(nproc)" CONFIG=release OC_DEPS="$deps" OC_VERSION="$version" all >/dev/null)
done
a=$(sha256sum "$tmp/one/build/release/outcall" | cut -d' ' -f1)
b=$(sha256sum "$tmp/a/much/deeper/two/build/release/outcall" | cut -d' ' -f1)
if [ "$a" = "$b" ]; then
	echo "ok - reproducible: $a"
else
	echo "not ok - two builds differ: $a $b"
	cmp "$tmp/one/build/release/outcall" "$tmp/a/much/deeper/two/build/release/outcall" || true
	exit 1
fi
