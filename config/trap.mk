# trap.mk - unit tests on the libc that is shipped; undefined behaviour is an illegal instruction
include config/musl.mk
CFLAGS_CONFIG := -O1 -fsanitize=undefined -fsanitize-undefined-trap-on-error
WARN_OFF := -Wno-stack-usage -Wno-null-dereference -Wno-duplicated-branches
