# dev.mk - for everyday work: the machine's compiler and libc
CC := $(or $(HOST_CC),gcc)
LIBC := host
CFLAGS_CONFIG := -O1 -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=2
LDFLAGS_CONFIG := -pie
LD_LIBS := -lpthread -lm
