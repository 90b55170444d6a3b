# tsan.mk - ThreadSanitizer on the machine's libc
CC := $(or $(HOST_CC),gcc)
LIBC := host
CFLAGS_CONFIG := -O1 -fno-omit-frame-pointer -fsanitize=thread -fno-stack-clash-protection
LDFLAGS_CONFIG := -pie -fsanitize=thread
LD_LIBS := -lpthread -lm
WARN_OFF := -Wno-stack-usage -Wno-null-dereference
