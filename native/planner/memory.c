/* The engine's memory, from one region with huge pages: a plan takes 4 MB, which in small pages are a thousand faults and a tenth of its time. What does not fit comes from malloc. A
 * block that is free is used again for one of its size. */
#define _GNU_SOURCE
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "planner.h"

enum { REGION = 16 << 20, HUGE_PAGE = 2 << 20, LEAST_BITS = 10, MOST_BITS = 22, SIZES = MOST_BITS - LEAST_BITS + 1 };

/* Stands before what the engine gets, which is aligned as malloc aligns it. */
struct block {
	_Alignas(16) size_t room;
	struct block *next; /* of the same size, while it is free */
};

static char *begin, *end;
static struct block *unused[SIZES];

/* The place of the smallest power of two that is enough; SIZES: larger than any. */
static unsigned size_index(size_t size)
{
	unsigned index = 0;
	while (index < SIZES && ((size_t)1 << (LEAST_BITS + index)) < size)
		index++;
	return index;
}

static struct block *new_block(size_t room)
{
	size_t whole = sizeof(struct block) + room;
	if (whole < room)
		return NULL;
	struct block *block;
	if (room <= (size_t)1 << MOST_BITS && whole <= (size_t)(end - begin)) {
		block = (struct block *)(void *)begin;
		begin += whole;
	} else {
		block = malloc(whole);
	}
	if (block != NULL)
		block->room = room;
	return block;
}

static void *take(void *opaque, size_t size)
{
	(void)opaque;
	unsigned index = size_index(size);
	struct block *block = index < SIZES ? unused[index] : NULL;
	if (block != NULL)
		unused[index] = block->next;
	else
		block = new_block(index < SIZES ? (size_t)1 << (LEAST_BITS + index) : (size + 15) & ~(size_t)15);
	return block == NULL ? NULL : block + 1;
}

static void give_back(void *opaque, void *memory)
{
	(void)opaque;
	struct block *block = (struct block *)memory - 1;
	if (memory == NULL)
		return;
	unsigned index = size_index(block->room);
	if (index == SIZES) {
		free(block);
		return;
	}
	block->next = unused[index];
	unused[index] = block;
}

static void *take_zeroed(void *opaque, size_t count, size_t size)
{
	size_t whole;
	void *memory = __builtin_mul_overflow(count, size, &whole) ? NULL : take(opaque, whole);
	return memory == NULL ? NULL : memset(memory, 0, whole);
}

static size_t room_of(const void *memory)
{
	return ((const struct block *)memory - 1)->room;
}

static void *resize(void *opaque, void *memory, size_t size)
{
	if (memory != NULL && size <= room_of(memory))
		return memory;
	void *larger = take(opaque, size);
	if (larger == NULL || memory == NULL)
		return larger;
	memcpy(larger, memory, room_of(memory));
	give_back(opaque, memory);
	return larger;
}

const JSMallocFunctions *planner_memory(void)
{
	static const JSMallocFunctions functions = {
		.js_calloc = take_zeroed, .js_malloc = take, .js_free = give_back, .js_realloc = resize, .js_malloc_usable_size = room_of};
	char *region = mmap(NULL, REGION + HUGE_PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (region == MAP_FAILED)
		return &functions;
	/* Where there are no huge pages it is as good as any memory. */
	begin = region + (HUGE_PAGE - (uintptr_t)region % HUGE_PAGE) % HUGE_PAGE;
	end = begin + REGION;
	madvise(begin, REGION, MADV_HUGEPAGE);
	return &functions;
}
