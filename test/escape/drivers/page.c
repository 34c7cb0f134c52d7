/* Attempts on the page whose system-call instruction a filter lets through: jumped to, rewritten, forged. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "attempt.h"

const struct attempt page_attempts[] = {{NULL, NULL, 0}};
