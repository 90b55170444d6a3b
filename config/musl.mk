# musl.mk - what every configuration on musl shares
#
# Debian's `musl-gcc -static-pie` silently makes a dynamically linked program, so the static PIE is put
# together by hand: its own start file (rcrt1.o relocates the program), no interpreter, no text relocations.
CC := $(or $(MUSL_CC),musl-gcc)
LIBC := musl
# musl-gcc's own -print-file-name answers with the files of the other libc: look beside it first.
MUSL_LIB := $(dir $(firstword $(wildcard /usr/lib/$(patsubst %-gnu,%-musl,$(shell $(CC) -dumpmachine))/rcrt1.o) \
	$(shell $(CC) -print-file-name=rcrt1.o)))
GCC_LIB := $(dir $(shell $(CC) -print-libgcc-file-name))
CPPFLAGS_CONFIG = -isystem $(DEPS)/kernel
LDFLAGS_CONFIG := -static -nostdlib -Wl,-pie,--no-dynamic-linker,-z,text
LD_START := $(MUSL_LIB)rcrt1.o $(MUSL_LIB)crti.o $(GCC_LIB)crtbeginS.o
LD_LIBS := -L$(MUSL_LIB) -lc $(GCC_LIB)libgcc.a $(GCC_LIB)libgcc_eh.a
LD_END := $(GCC_LIB)crtendS.o $(MUSL_LIB)crtn.o
