#!/bin/sh
# check-static.sh BINARY - the product is a hardened static PIE of at most 2 MiB (S000-X-001, S000-SC-002)
#
# Prints what is wrong; exit status 1 if anything is.
set -u
f=$1
max=${OC_MAX_BYTES:-2097152}
[ -f "$f" ] || { echo "check-static: no file $f"; exit 1; }
h=$(readelf -hW "$f") l=$(readelf -lW "$f") d=$(readelf -dW "$f" 2>/dev/null)
bad=0
no() { echo "$f: $1"; bad=1; }

echo "$h" | grep -q 'Type: *DYN' || no "not position independent (type is not DYN)"
echo "$l" | grep -q 'INTERP' && no "asks for an interpreter: it is not static"
echo "$d" | grep -q '(NEEDED)' && no "needs shared libraries: $(echo "$d" | sed -n 's/.*NEEDED.*\[\(.*\)\]/\1/p' | tr '\n' ' ')"
echo "$d" | grep -qE 'BIND_NOW|Flags:.*NOW' || no "no BIND_NOW"
echo "$d" | grep -q 'TEXTREL' && no "text relocations"
echo "$l" | grep -q 'GNU_RELRO' || no "no RELRO segment"
echo "$l" | grep 'GNU_STACK' | grep -q 'RW ' || no "no GNU_STACK header that forbids execution"
echo "$l" | grep 'GNU_STACK' | grep -qE 'R?WE|RWX' && no "executable stack"
echo "$l" | grep 'LOAD' | grep -q 'RWE' && no "a segment that is writable and executable"
readelf -SW "$f" | grep -qE '__libc_(freeres_fn|IO_vtables)|\.note\.ABI-tag' && no "linked with glibc instead of musl"
size=$(wc -c < "$f")
[ "$size" -le "$max" ] || no "$size bytes, more than $max"
exit $bad
