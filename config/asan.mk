# asan.mk - AddressSanitizer, LeakSanitizer and UndefinedBehaviorSanitizer on the machine's libc
CC := $(or $(HOST_CC),gcc)
LIBC := host
CFLAGS_CONFIG := -O1 -fno-omit-frame-pointer -fsanitize=address,undefined -fno-sanitize-recover=all
LDFLAGS_CONFIG := -pie -fsanitize=address,undefined
LD_LIBS := -lpthread -lm
# False alarms of the instrumented code, all still on in dev and release.
WARN_OFF := -Wno-stack-usage -Wno-null-dereference -Wno-duplicated-branches -Wno-format-truncation
