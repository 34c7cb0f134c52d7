/* Where clang's fuzzer is missing: mutates the seeds that are named, for some seconds, from one number. Finds less than libFuzzer, and the same every time. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { MAX = 8192, SEEDS = 64 };

static uint64_t state;

static uint32_t below(uint32_t n)
{
	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return n ? (uint32_t)(state >> 16) % n : 0;
}

static size_t mutate(uint8_t *d, size_t n)
{
	static const uint8_t odd[] = {0, 1, 2, 3, 0x7f, 0x80, 0xff, '/', '.', 8, 16, 64};
	for (uint32_t times = 1 + below(6); times > 0; times--) {
		size_t at = below((uint32_t)n + 1);
		switch (below(5)) {
		case 0:
			if (at < n)
				d[at] ^= (uint8_t)(1U << below(8));
			break;
		case 1:
			if (at < n)
				d[at] = odd[below(sizeof odd)];
			break;
		case 2:
			n = at;
			break;
		case 3:
			if (n < MAX) {
				memmove(d + at + 1, d + at, n - at);
				d[at] = (uint8_t)below(256);
				n++;
			}
			break;
		default:
			if (at < n) {
				memmove(d + at, d + at + 1, n - at - 1);
				n--;
			}
			break;
		}
	}
	return n;
}

int main(int argc, char **argv)
{
	static uint8_t seed[SEEDS][MAX], work[MAX];
	size_t length[SEEDS] = {0}, seeds = 1;
	time_t end = time(NULL) + (argc > 1 ? atoi(argv[1]) : 3);
	state = argc > 2 ? strtoull(argv[2], NULL, 10) | 1 : 1;
	for (int i = 3; i < argc && seeds < SEEDS; i++, seeds++) {
		FILE *f = fopen(argv[i], "rb");
		if (f == NULL)
			return 2;
		length[seeds] = fread(seed[seeds], 1, MAX, f);
		fclose(f);
	}
	unsigned long runs = 0;
	while (runs % 1024 != 0 || time(NULL) < end) {
		size_t pick = below((uint32_t)seeds), n = length[pick];
		memcpy(work, seed[pick], n);
		for (uint32_t grow = pick == 0 ? below(400) : 0; n < grow;)
			work[n++] = (uint8_t)below(256);
		n = mutate(work, n);
		LLVMFuzzerTestOneInput(work, n);
		runs++;
	}
	printf("%lu runs\n", runs);
	return 0;
}
