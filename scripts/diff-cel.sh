#!/bin/sh
# diff-cel.sh [COUNT [SEED]] - generated CEL expressions, our values against those of @bufbuild/cel
#
# Not part of `make check`: needs node and npm, which fetches the package into build/diff/cel.  Judges
# OUTCALL_BIN (default build/dev/outcall).  Exit 1 on a difference that tests/diff/cel_known.mjs does not name.
set -eu
cd "$(dirname "$0")/.."
out=build/diff/cel
bin=$(realpath "${OUTCALL_BIN:-build/dev/outcall}")
mkdir -p "$out"
cp tests/diff/cel_*.mjs "$out"
cd "$out"
if ! [ -d node_modules/@bufbuild/cel ]; then
	command -v npm > /dev/null || { echo "diff-cel.sh: npm is missing" >&2; exit 2; }
	npm install --no-save --no-audit --no-fund @bufbuild/cel@0.6.1 > npm.log 2>&1 ||
		{ echo "diff-cel.sh: npm failed, see $out/npm.log" >&2; exit 2; }
fi
node cel_bufbuild.mjs "$bin" "${1:-100000}" "${2:-$(date +%s)}"
