#!/bin/sh
# check-planted.sh - every check must find a fault that is planted for it: one that cannot fail proves nothing
set -u
cd "$(dirname "$0")/.." || exit 2
root=$PWD
tmp=$(mktemp -d) || exit 2
trap 'rm -rf "$tmp"' EXIT
bad=0
cc="gcc -std=c11 -D_GNU_SOURCE -ffunction-sections"

# A small tree with the real rules and clean sources.
fresh() {
	rm -rf "$tmp/t"; mkdir -p "$tmp/t/lib/base" "$tmp/t/lib/wire" "$tmp/t/lib/host" "$tmp/t/lib/data" "$tmp/t/applets/outcall-agent" "$tmp/t/tests"
	cp -r "$root/config" "$root/scripts" "$tmp/t/"
	sed -i '/^[^#]/d' "$tmp/t/config/size-exempt"
	cd "$tmp/t" || exit 2
	unit lib/base/a '#include "base/a.h"' 'int a_up(void) { return 1; }'
	unit lib/wire/w '#include "base/a.h"' '#include "wire/w.h"' 'int w_up(void) { return a_up(); }'
	unit lib/data/d '#include "wire/w.h"' '#include "data/d.h"' 'int d_up(void) { return w_up(); }'
	unit applets/outcall-agent/m '#include "wire/w.h"' 'int m_up(void); int m_up(void) { return w_up(); }'
}
unit() {	# unit PATH LINE... : PATH.c with these lines, and a header for what is called NAME_up
	p=$1 n=${1##*/}; shift
	{ printf '/* %s.c - planted\n *\n * Layer: x.  Input: trusted.  Memory: none.  Threads: any.\n */\n' "$n"; printf '%s\n' "$@"; } > "$p.c"
	g=OC_$(echo "${p#*/}" | tr 'a-z/-' 'A-Z__')_H
	printf '#ifndef %s\n#define %s\nint %s_up(void);\n#endif\n' "$g" "$g" "$n" > "$p.h"
}
objects() {
	find lib applets -name '*.c' | while read -r f; do
		o=build/dev/o/${f%.c}.o; mkdir -p "${o%/*}"
		$cc -w -iquote lib -iquote applets -c "$f" -o "$o" || echo "cannot compile $f"
	done
}
clean() { objects; out=$(OC_ROOT=$tmp/t sh "$root/scripts/check-$1.sh" build/dev 2>&1) || { echo "check-$1 complains about a clean tree: $out"; bad=1; }; }
finds() {	# finds CHECK TEXT : the check fails and says TEXT
	objects
	if out=$(OC_ROOT=$tmp/t sh "$root/scripts/check-$1.sh" build/dev 2>&1); then
		echo "check-$1 does not find: $2"; bad=1
	elif ! printf '%s' "$out" | grep -qF "$2"; then
		echo "check-$1 found something else than \"$2\": $out"; bad=1
	fi
}

fresh; clean layers; clean style; clean size
fresh; unit lib/base/a '#include "wire/w.h"' 'int a_up(void) { return 0; }'; finds layers 'lib/base/a.c: uses wire/w.h'
fresh; unit lib/base/a 'int w_up(void);' 'int a_up(void) { return w_up(); }'; finds layers 'lib/base/a.c: uses wire/w.c'
fresh; unit lib/host/h '#include "data/d.h"' 'int h_up(void) { return d_up(); }'; finds layers 'lib/host/h.c: uses data/d.h'
fresh; unit lib/wire/w 'int m_up(void);' 'int w_up(void) { return m_up(); }'; finds layers 'calls m_up of applets'
fresh; unit lib/data/d 'int d_up(void) { return 0; }' 'int a_up(void);' 'int a_up(void) { return 2; }'; finds layers 'defines a_up'
fresh; unit lib/wire/w '#include "a.h"' 'int w_up(void) { return 0; }'; cp lib/base/a.h lib/wire/; finds layers 'is not qualified'
fresh; echo '#include <libmnl/libmnl.h>' >> lib/base/a.h; rm lib/base/a.c lib/*/[wd].c applets/*/m.c; finds layers 'only be used in libmnl'
fresh; unit applets/outcall-agent/m '#include "data/d.h"' 'int m_up(void); int m_up(void) { return d_up(); }'; finds layers 'applet outcall-agent may not use data/d'

fresh; sed -i 's/Threads: any/alone/' lib/wire/w.c; finds style 'head block without "Threads:"'
fresh; sed -i 's/^\/\* w.c/\/* W.c/' lib/wire/w.c; finds style 'does not start with'
fresh; sed -i 's/OC_WIRE_W_H/OC_W_H/' lib/wire/w.h; finds style 'guard is not OC_WIRE_W_H'
fresh; sed -i '/^int/i uint32_t w_lost(void);' lib/wire/w.h; rm -r lib/wire/w.c lib/data applets/*; finds style 'lib/wire/w.h: does not compile alone'
fresh; unit lib/wire/w '#include <stdlib.h>' 'int w_up(void) { return atoi("1"); }'; finds style 'w.c: calls atoi'
fresh; unit lib/wire/w '#include <stdlib.h>' 'void *w_up(void) { return malloc(9); }'; sed -i d lib/wire/w.h; printf '#ifndef OC_WIRE_W_H\n#define OC_WIRE_W_H\nvoid *w_up(void);\n#endif\n' > lib/wire/w.h; finds style 'w.c: calls malloc'
fresh; unit lib/wire/w '#include <sys/socket.h>' 'int w_up(void) { return socket(1, 1, 0); }'; finds style 'layer wire does no I/O'
fresh; unit lib/data/d '#include <stdlib.h>' 'int d_up(void) { exit(1); }'; finds style 'd.c: calls exit'
fresh; printf '/* %0101d */\n' 0 >> lib/wire/w.c; finds style 'columns'
fresh; printf 'int w_x; \n' >> lib/wire/w.c; finds style 'blank at the end'

long() { i=0; echo "int $1(void);"; echo "int $1(void)"; echo '{'; while [ $i -lt "$2" ]; do echo '	a_up();'; i=$((i + 1)); done; echo '	return 0;'; echo '}'; }
fresh; long w_long 101 >> lib/wire/w.c; finds size 'lib/wire/w.c:w_long: function of'
fresh; for i in 1 2 3; do long "w_l$i" 50 >> lib/wire/w.c; done; finds size 'p90'
fresh; long w_long 1 | awk '{ print } END { for (i = 0; i < 700; i++) print "" }' >> lib/wire/w.c; finds size 'file of'
fresh; echo 'lib/wire/w.c:w_up reason' >> config/size-exempt; finds size 'needs no exemption'
fresh; echo 'static char big[70000]; int main(int c, char **v) { (void)v; return big[c]; }' > "$tmp/b.c"; mkdir -p build/dev; gcc -O0 -o build/dev/outcall "$tmp/b.c"; finds size '.data + .bss'

# The linked program: the machine's own dynamic program has most faults at once.
echo 'int main(void) { return 0; }' > "$tmp/m.c"
links() {	# links TEXT FLAGS... : a program linked so is refused with TEXT
	text=$1; shift
	gcc -w -o "$tmp/m" "$tmp/m.c" "$@" || { echo "cannot link with $*"; bad=1; return; }
	out=$(sh "$root/scripts/check-static.sh" "$tmp/m" 2>&1) && { echo "check-static does not find: $text"; bad=1; return; }
	printf '%s' "$out" | grep -qF "$text" || { echo "check-static found something else than \"$text\": $out"; bad=1; }
}
links 'asks for an interpreter' -pie
links 'needs shared libraries: libc' -pie
links 'not position independent' -static -no-pie
links 'no BIND_NOW' -pie -Wl,-z,lazy
links 'no RELRO' -pie -Wl,-z,norelro
links 'executable stack' -pie -Wl,-z,execstack
links 'linked with glibc' -static-pie
echo '__asm__(".text; .quad main"); int main(void) { return 0; }' > "$tmp/m.c"
links 'text relocations' -pie -Wl,-z,notext
echo 'static const char big[3 << 20] = { 1 }; int main(int c, char **v) { (void)v; return big[c]; }' > "$tmp/m.c"
links 'bytes, more than' -O0
exit $bad
