# fuzz.mk - libFuzzer with AddressSanitizer and UndefinedBehaviorSanitizer (clang)
CC := $(or $(FUZZ_CC),clang)
LIBC := host
CFLAGS_CONFIG := -O1 -fno-omit-frame-pointer -fsanitize=fuzzer-no-link,address,undefined -fno-sanitize-recover=all \
	-DFUZZING_BUILD_MODE_UNSAFE_FOR_PRODUCTION
LDFLAGS_CONFIG := -pie -fsanitize=fuzzer,address,undefined
LD_LIBS := -lpthread -lm
NO_PROG := yes
