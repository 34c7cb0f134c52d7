/* An image of the engine after the program has said what it consists of, before it knows anything of a start: a start then reads 2 MB instead of making an engine, reading bytecode and running the
 * first lines of 250 modules. Made by the build with the program itself, and good for exactly that program: the image is full of addresses in it. Whoever can write it can write the program. */
#define _GNU_SOURCE
#include <elf.h>
#include <fcntl.h>
#include <link.h>
#include <stdio.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/stat.h>
#include <unistd.h>

#include "planner.h"

enum { LEAST_ID = 16, MOST_ID = 32 };

struct head {
	char magic[8];
	uint8_t program[MOST_ID];
	JSContext *context;
	size_t size;
};

/* NULL where the program has been moved from where it was linked for: its addresses differ from start to start. */
static const ElfW(Phdr) *headers_in_place(size_t *count)
{
	const ElfW(Phdr) *headers = (const ElfW(Phdr) *)getauxval(AT_PHDR);
	*count = headers == NULL ? 0 : getauxval(AT_PHNUM);
	for (size_t i = 0; i < *count; i++)
		if (headers[i].p_type == PT_LOAD && headers[i].p_offset == 0 && headers[i].p_vaddr + sizeof(ElfW(Ehdr)) == (uintptr_t)headers)
			return headers;
	return NULL;
}

/* The build id in a segment of notes: the linker's digest of the whole program. */
static bool find_build_id(const char *note, size_t size, uint8_t id[MOST_ID])
{
	ElfW(Nhdr) said;
	while (size >= sizeof said) {
		memcpy(&said, note, sizeof said);
		size_t name = (said.n_namesz + 3) & ~(size_t)3, whole = sizeof said + name + ((said.n_descsz + 3) & ~(size_t)3);
		if (whole > size)
			return false;
		if (said.n_type == NT_GNU_BUILD_ID && said.n_namesz == 4 && memcmp(note + sizeof said, "GNU", 4) == 0 && said.n_descsz >= LEAST_ID && said.n_descsz <= MOST_ID) {
			memcpy(id, note + sizeof said + name, said.n_descsz);
			return true;
		}
		note += whole;
		size -= whole;
	}
	return false;
}

/* False where no image is good: this program has no build id, can be moved, or uses libraries, which are. */
static bool make_head(struct head *head)
{
	*head = (struct head){.magic = "NONOIMG"};
	size_t count;
	const ElfW(Phdr) *headers = headers_in_place(&count);
	bool found = false;
	for (size_t i = 0; headers != NULL && getauxval(AT_BASE) == 0 && i < count && !found; i++)
		found = headers[i].p_type == PT_NOTE && find_build_id((const char *)headers[i].p_vaddr, headers[i].p_memsz, head->program);
	return found;
}

bool planner_save_image(JSContext *ctx, const char *path)
{
	struct head head;
	const void *memory = planner_whole_memory(&head.size);
	size_t size = head.size;
	if (memory == NULL || !make_head(&head))
		return false;
	head.context = ctx;
	head.size = size;
	FILE *file = fopen(path, "wb");
	bool written = file != NULL && fwrite(&head, sizeof head, 1, file) == 1 && fwrite(memory, size, 1, file) == 1;
	return file != NULL && fclose(file) == 0 && written;
}

JSContext *planner_resume_image(const char *path)
{
	struct head head, own;
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	JSContext *ctx = NULL;
	if (fd >= 0 && make_head(&own) && read(fd, &head, sizeof head) == sizeof head && memcmp(head.magic, own.magic, sizeof own.magic) == 0 &&
		memcmp(head.program, own.program, sizeof own.program) == 0) {
		void *memory = planner_memory_again(head.size);
		if (memory != NULL && read(fd, memory, head.size) == (ssize_t)head.size)
			ctx = head.context;
		else if (memory != NULL)
			_exit(1); /* cut short, and where it lies there cannot be another engine */
	}
	if (fd >= 0)
		close(fd);
	if (ctx != NULL)
		JS_UpdateStackTop(JS_GetRuntime(ctx));
	return ctx;
}
