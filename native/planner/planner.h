/* nono-planner: makes the plan of a start in a small JavaScript engine, which is ready in a millisecond where Node takes 25 (docs/decisions/0024-planner.md). The code that it
 * runs is the product's own, from src/; these files are what that code finds in the place of Node. Runs with the user's privileges, before anything is confined; it
 * changes nothing outside but to start nono-search. What it is not sure of it gives up, and the start is made by Node as if it had not been tried. */
#ifndef NONO_PLANNER_H
#define NONO_PLANNER_H
#include <quickjs.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Node would give another answer than this program, or none is known. Ends the process: code that catches errors would go on with what it has. */
JSValue planner_give_up(JSContext *ctx, const char *why);

/* A path, or any text for the system: ended, and UTF-8 as Node would encode it. NULL: given up. Freed by JS_FreeCString. */
const char *planner_text(JSContext *ctx, JSValueConst value, size_t *size);
/* Whether bytes with a NUL behind them are UTF-8. */
bool planner_is_utf8(const char *bytes, size_t size);
/* Bytes of the system as text; gives up where they are not UTF-8, which Node would replace. */
JSValue planner_string(JSContext *ctx, const char *bytes, size_t size);

/* An element of an answer. One that is missing would be taken for an answer as well. */
void planner_put(JSContext *ctx, JSValueConst array, uint32_t at, JSValue value);

/* Where the engine takes its memory from. To be called once. */
const JSMallocFunctions *planner_memory(void);
/* All of it; NULL where it is not together. */
const void *planner_whole_memory(size_t *size);
/* As much at the same place, into which what it was is to be read. NULL: something else is there. */
void *planner_memory_again(size_t size);

bool planner_save_image(JSContext *ctx, const char *path);
/* NULL where there is none for this program. */
JSContext *planner_resume_image(const char *path);

/* All bytes up to the end of a descriptor, to be freed. NULL: they cannot be read, or (EFBIG) they are more than there is room for. */
uint8_t *planner_read_all(int fd, size_t most, size_t *size);

/* What each file adds to the object that JavaScript knows as `host` (src/planner/host.ts). */
void planner_add_files(JSContext *ctx, JSValueConst host);
void planner_add_json(JSContext *ctx, JSValueConst host);
void planner_add_text(JSContext *ctx, JSValueConst host);
void planner_add_process(JSContext *ctx, JSValueConst host);

/* What differs from start to start, which nothing may ask for before: it would be in the image. `dist`: where the program was found. */
void planner_forbid_start(JSContext *ctx, JSValueConst host);
void planner_tell_start(JSContext *ctx, JSValueConst host, char *const argv[], const char *dist);

#endif
