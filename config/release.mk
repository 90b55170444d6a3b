# release.mk - the product: musl, static PIE, stripped
include config/musl.mk
CFLAGS_CONFIG := -O2
STRIP := yes
