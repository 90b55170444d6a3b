#!/bin/sh
# diff-cel.sh [COUNT [SEED]] - random CEL expressions, our values against those of another implementation
#
# Not part of `make check`: needs node and npm, and takes @bufbuild/cel from npm's registry into build/diff/npm.
# Exit 1 on a difference that tests/diff/cel_known.mjs does not explain.
set -eu
cd "$(dirname "$0")/.."
out=build/diff/npm
sh scripts/packages.sh node npm
mkdir -p "$out"
[ -d "$out/node_modules/@bufbuild/cel" ] ||
	(cd "$out" && npm install --silent --no-save --no-audit --no-fund @bufbuild/cel@0.6.1 @bufbuild/protobuf@2.17.0)
cp tests/diff/cel_*.mjs "$out/"
printf '#!/bin/sh\nexec "%s" --applet=outcall "$@"\n' "${OUTCALL_BIN:-$PWD/build/release/outcall}" > "$out/outcall"
chmod +x "$out/outcall"
node "$out/cel_bufbuild.mjs" "$out/outcall" "${1:-100000}" "${2:-$(date +%s)}"
