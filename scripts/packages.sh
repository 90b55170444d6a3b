#!/bin/sh
# packages.sh - installs Debian packages for the commands that are missing: sh scripts/packages.sh nginx dig ...
#
# A word that is no known command is taken for the name of a package.
# No package starts its service: a policy-rc.d says no while the packages are installed.
set -u
package_of() {
	case $1 in
	nginx) echo nginx-light ;; dig) echo bind9-dnsutils ;; node) echo nodejs ;; ctags) echo universal-ctags ;;
	ip) echo iproute2 ;; nft) echo nftables ;; ps) echo procps ;; unshare | setpriv) echo util-linux ;; objcopy) echo binutils ;;
	ping) echo iputils-ping ;; dnsmasq) echo dnsmasq-base ;; *) echo "$1" ;;
	esac
}
PATH=$PATH:/usr/local/sbin:/usr/sbin:/sbin
need=
for c in "$@"; do
	command -v "$c" >/dev/null 2>&1 || need="$need $(package_of "$c")"
done
[ -n "$need" ] || exit 0
if [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null; then
	echo "Error: missing:$need; install them, or run this as root on Debian" >&2
	exit 1
fi
echo "installing$need"
made=
if [ ! -e /usr/sbin/policy-rc.d ]; then
	made=/usr/sbin/policy-rc.d
	trap 'rm -f "$made"' EXIT
	printf '#!/bin/sh\nexit 101\n' > "$made" && chmod +x "$made"
fi
log=$(mktemp)
export DEBIAN_FRONTEND=noninteractive LC_ALL=C
# shellcheck disable=SC2086
if apt-get -qq update > "$log" 2>&1 && apt-get -qq -y --no-install-recommends install $need >> "$log" 2>&1; then
	rm -f "$log"
else
	tail -n 5 "$log" >&2; rm -f "$log"
	echo "Error: cannot install$need" >&2
	exit 1
fi
