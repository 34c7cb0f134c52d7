/* The engine's memory, from one region with huge pages: a plan takes 4 MB, which in small pages are a thousand faults and a tenth of its time. What does not fit comes from malloc. A
 * block that is free is used again for one of its size. The region describes itself and lies at one address, so that its bytes can be an image (planner/image.c). */
#define _GNU_SOURCE
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "planner.h"

enum { REGION = 16 << 20, HUGE_PAGE = 2 << 20, LEAST_BITS = 10, MOST_BITS = 22, SIZES = MOST_BITS - LEAST_BITS + 1 };

/* Within the 39 bits that the smallest address spaces have, far from programs below and from libraries and stacks above. */
#define PLACE ((uintptr_t)0x2000000000)

/* Stands before what the engine gets, which is aligned as malloc aligns it. */
struct block {
	_Alignas(16) size_t room;
	struct block *next; /* of the same size, while it is free */
};

struct region {
	_Alignas(16) size_t used, size;
	bool left; /* something came from malloc */
	struct block *unused[SIZES];
};

static struct region nowhere, *region = &nowhere;

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
	if (room <= (size_t)1 << MOST_BITS && whole <= region->size - region->used) {
		block = (struct block *)(void *)((char *)region + region->used);
		region->used += whole;
	} else {
		block = malloc(whole);
		region->left = true;
	}
	if (block != NULL)
		block->room = room;
	return block;
}

static void *take(void *opaque, size_t size)
{
	(void)opaque;
	unsigned index = size_index(size);
	struct block *block = index < SIZES ? region->unused[index] : NULL;
	if (block != NULL)
		region->unused[index] = block->next;
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
	block->next = region->unused[index];
	region->unused[index] = block;
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

/* Where there are no huge pages it is as good as any memory. */
static struct region *map_region(void)
{
	void *place = mmap((void *)PLACE, REGION, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED_NOREPLACE, -1, 0);
	if (place == MAP_FAILED)
		return NULL;
	madvise(place, REGION, MADV_HUGEPAGE);
	return place == (void *)PLACE ? place : NULL;
}

const JSMallocFunctions *planner_memory(void)
{
	static const JSMallocFunctions functions = {
		.js_calloc = take_zeroed, .js_malloc = take, .js_free = give_back, .js_realloc = resize, .js_malloc_usable_size = room_of};
	struct region *mapped = map_region();
	if (mapped != NULL) {
		mapped->used = sizeof *mapped;
		mapped->size = REGION;
		region = mapped;
	}
	return &functions;
}

const void *planner_whole_memory(size_t *size)
{
	*size = region->used;
	return region == &nowhere || region->left ? NULL : region;
}

void *planner_memory_again(size_t size)
{
	struct region *mapped = size > REGION ? NULL : map_region();
	if (mapped != NULL)
		region = mapped;
	return mapped;
}
