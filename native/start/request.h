#ifndef NONO_REQUEST_H
#define NONO_REQUEST_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "start/report.h"

/* What stands before the plan where the launcher was started before its host: the command, and how to start it. */
enum { REQUEST_HEADER = 24, REQUEST_NOTICES = 1, REQUEST_RECORD = 2 };

struct request {
	char **argv; /* NULL-terminated, at least one */
	bool notices;
	char *record; /* what the plan rests on (cache_entry.h), NULL: it is not to be kept */
	size_t record_size;
	uint32_t size; /* of the command's terminal, columns in the low half; 0 = as it is */
};

/* Parses the strings after a header: NULL when they are not `count` of them, each ended. They stay where they are. */
char **request_words(char *bytes, size_t size, uint32_t count);
/* 1: read; 0: nothing came before the end of file; -1: cut short or malformed, and `f` says so. */
int request_read(int fd, struct request *request, struct failure *f);
void request_free(struct request *request);
#endif
