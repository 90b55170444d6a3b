#!/bin/sh
# deps.sh [--host|--musl|--tools] - third-party libraries of the build, pinned by config/deps.lock
#
# Result: $OC_DEPS/{musl,host}-STATE/{include,lib} (default of OC_DEPS: build/deps); STATE stands for
# everything that decides what is in it, so that work trees with different pins can share the folder.
# `deps.sh --path musl|host` prints it.  musl: for the product; host: the same libraries for the
# machine's libc, for the sanitizer builds.  Without an argument: both.
# On Debian as root, missing compilers and tools are installed.  Debian's own packages of "trixie"
# are the only source; how the machine reaches Debian is taken from its own apt configuration, in a
# private folder, and nothing of that configuration is changed.
set -eu
umask 022
cd "$(dirname "$0")/.."

suite=trixie
root=$PWD
lock=$root/config/deps.lock
out=${OC_DEPS:-$root/build/deps}
case $out in /*) ;; *) out=$root/$out ;; esac
arch=$(dpkg --print-architecture 2>/dev/null || uname -m)
want=${1:-both}

die() { echo "deps.sh: $*" >&2; exit 1; }
say() { echo "deps: $*" >&2; }

# Where the result belongs: its name is a checksum of everything that decides what it looks like.
path_of() {
	state=$({ cat "$lock" config/mbedtls_config.h config/deps_compat.c scripts/deps.sh
		echo "$arch $(cc_of "$1")"; "$(cc_of "$1")" -dumpfullversion 2>/dev/null || true
	} | sha256sum | cut -c1-12)
	echo "$out/$1-$state"
}
cc_of() { if [ "$1" = musl ]; then echo "${DEPS_MUSL_CC:-musl-gcc}"; else echo "${DEPS_HOST_CC:-gcc}"; fi; }

# --- the machine -----------------------------------------------------------------------------------

install_tools() {
	need=
	for pair in gcc:gcc make:make musl-gcc:musl-tools dpkg-deb:dpkg bzip2:bzip2 flock:util-linux git:git readelf:binutils; do
		command -v "${pair%%:*}" >/dev/null 2>&1 || need="$need ${pair#*:}"
	done
	[ -e /usr/include/linux/netlink.h ] || need="$need linux-libc-dev"
	[ -e /usr/include/stdlib.h ] || need="$need libc6-dev"
	[ -z "$need" ] && return 0
	[ "$(id -u)" = 0 ] || die "missing packages:$need (run as root once, or install them)"
	command -v apt-get >/dev/null || die "missing:$need, and this is not Debian"
	say "installing$need"
	DEBIAN_FRONTEND=noninteractive; export DEBIAN_FRONTEND
	apt-get -qq update >/dev/null 2>&1 || true
	# shellcheck disable=SC2086
	apt-get -qq -y --no-install-recommends install $need >/dev/null
}

# --- fetching --------------------------------------------------------------------------------------

# A private apt folder whose only entry is the machine's own first Debian entry, for our suite.
apt_private() {
	apt=$out/apt
	mkdir -p "$apt/parts" "$apt/lists/partial" "$apt/cache/archives/partial"
	first=
	for f in /etc/apt/sources.list.d/*.sources; do
		[ -e "$f" ] || continue
		first=$(awk -v RS= '/debian-archive|\/debian\/?( |\n|$)/ && /(^|\n)Types:/ { print; exit }' "$f")
		[ -n "$first" ] && break
	done
	if [ -n "$first" ]; then
		printf '%s\n' "$first" | awk -v s="$suite" '
			/^Types:/ { print "Types: deb deb-src"; next }
			/^Suites:/ { print "Suites: " s; next }
			/^Components:/ { print "Components: main"; next }
			/^#/ { next } { print }' > "$apt/parts/outcall.sources"
	else
		cat /etc/apt/sources.list /etc/apt/sources.list.d/*.list 2>/dev/null |
			sed -n 's/^deb \(\[[^]]*\] *\)\{0,1\}\([^ ]*debian\/\{0,1\}\) .*/\1\2/p' | head -n 1 |
			while read -r uri; do
				printf 'deb %s %s main\ndeb-src %s %s main\n' "$uri" "$suite" "$uri" "$suite"
			done > "$apt/parts/outcall.list"
		[ -s "$apt/parts/outcall.list" ] || die "no Debian entry in /etc/apt to fetch from"
	fi
	apt_opts="-q=2 -o Dir::Etc::sourcelist=/dev/null -o Dir::Etc::sourceparts=$apt/parts
		-o Dir::State::lists=$apt/lists -o Dir::Cache=$apt/cache -o APT::Sandbox::User=root
		-o Acquire::Retries=3 -o APT::Get::List-Cleanup=0"
	# shellcheck disable=SC2086
	apt-get $apt_opts update >"$apt/log" 2>&1 || { cat "$apt/log" >&2; die "cannot read the package lists of $suite"; }
}

sum_ok() { [ -f "$1" ] && [ "$(sha256sum "$1" | cut -d' ' -f1)" = "$2" ]; }

fetch_all() {
	mkdir -p "$out/dl"
	ready=
	while IFS='	' read -r kind name version farch file sum; do
		case $kind in ''|'#'*) continue ;; esac
		[ "$farch" = all ] || [ "$farch" = "$arch" ] || continue
		sum_ok "$out/dl/$file" "$sum" && continue
		[ -n "$ready" ] || { apt_private; ready=1; }
		say "fetching $name $version"
		rm -rf "$out/dl/tmp"; mkdir "$out/dl/tmp"
		# shellcheck disable=SC2086
		(cd "$out/dl/tmp" && if [ "$kind" = deb ]; then
			apt-get $apt_opts download "$name=$version"
		else
			apt-get $apt_opts source --download-only "$name=$version"
		fi) >"$apt/log" 2>&1 </dev/null || { cat "$apt/log" >&2; die "$name $version is not served any more: renew config/deps.lock"; }
		got=$out/dl/tmp/$file
		[ -f "$got" ] || die "$name $version does not bring $file"
		sum_ok "$got" "$sum" || die "$file: sha256 is $(sha256sum "$got" | cut -d' ' -f1), config/deps.lock says $sum"
		mv "$got" "$out/dl/$file"
	done < "$lock"
}

# --- building --------------------------------------------------------------------------------------

file_of() { awk -F'\t' -v n="$1" -v a="$arch" '$2 == n && ($4 == a || $4 == "all") { print $5 }' "$lock"; }

# Parallel compile of every file given into $work/o and an archive of the objects.
archive() {	# archive NAME FLAGS FILE...
	name=$1 flags=$2; shift 2
	rm -rf "$work/o"; mkdir "$work/o"
	printf '%s\n' "$@" | xargs -P "$(nproc)" -I{} sh -c \
		'o=$(basename "$1" .c).o; $2 -c "$1" -o "$3/o/$o"' sh {} "$cc $cflags $flags" "$work" ||
		die "$name does not compile"
	ar rcsD "$dest/lib/$name" "$work"/o/*.o
}

build() {	# build musl|host
	cc=$(cc_of "$1")
	final=$(path_of "$1")
	dest=$final.new work=$out/work.$1
	rm -rf "$dest" "$work"
	mkdir -p "$dest/include" "$dest/lib" "$work"
	say "building for $1 ($cc)"
	cflags="-O2 -g0 -fPIE -fno-strict-aliasing -fstack-protector-strong -fstack-clash-protection -fno-common
		-ffunction-sections -fdata-sections -fvisibility=hidden -w -ffile-prefix-map=$work=."
	if [ "$1" = musl ]; then	# musl-gcc knows no kernel headers
		mkdir "$dest/kernel"
		ln -s /usr/include/linux "$dest/kernel/linux"
		ln -s /usr/include/asm-generic "$dest/kernel/asm-generic"
		ln -s "/usr/include/$(gcc -print-multiarch)/asm" "$dest/kernel/asm"
		cflags="$cflags -isystem $dest/kernel"
	fi

	for p in libmnl-dev libnftnl-dev libjsmn-dev; do
		dpkg-deb -x "$out/dl/$(file_of $p)" "$work/deb"
	done
	cp -r "$work/deb/usr/include/." "$dest/include"
	find "$work/deb" -name '*.a' -exec cp {} "$dest/lib" \;

	tar -C "$work" -xf "$out/dl/$(file_of mbedtls)"
	tar -C "$work" -xf "$out/dl/$(file_of libyaml)"
	mbed=$(echo "$work"/mbedtls-*) yaml=$(echo "$work"/libyaml-*)

	cp config/mbedtls_config.h "$mbed/include/mbedtls/mbedtls_config.h"
	for d in mbedtls psa; do
		mkdir -p "$dest/include/$d"
		cp "$mbed/include/$d"/*.h "$dest/include/$d"
	done
	archive libmbedtls.a "-I$mbed/include -I$mbed/library" "$mbed"/library/*.c
	archive libyaml.a "-I$yaml/include -DYAML_VERSION_MAJOR=0 -DYAML_VERSION_MINOR=2 -DYAML_VERSION_PATCH=5
		-DYAML_VERSION_STRING=\"0.2.5\"" "$yaml"/src/*.c
	cp "$yaml/include/yaml.h" "$dest/include"
	archive libcompat.a "-std=c11 -D_GNU_SOURCE" "$root/config/deps_compat.c"

	[ "$out" != "$root/build/deps" ] || rm -rf "$out/$1"-????????????	# older states; a shared folder keeps them
	mv "$dest" "$final"
}

case $want in
--path) path_of "$2"; exit ;;
--musl) kinds=musl ;;
--host) kinds=host ;;
--tools) kinds= ;;
both) kinds="musl host" ;;
*) die "usage: deps.sh [--host|--musl|--tools|--path musl|host]" ;;
esac

install_tools
mkdir -p "$out"
exec 9>"$out/lock"
flock 9
trap 'rm -rf "$out/apt" "$out/dl/tmp" "$out/work.musl" "$out/work.host"' EXIT
for k in $kinds; do
	[ ! -d "$(path_of "$k")" ] || continue
	fetch_all
	build "$k"
done
