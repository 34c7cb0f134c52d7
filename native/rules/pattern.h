/* Patterns in rules: the twin of src/policy/pattern/pattern.ts. Matched component by component, all positions at once: no pattern can make a decision slow. */
#ifndef NONO_PATTERN_H
#define NONO_PATTERN_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Positions are bits; the one after the last component is the match. */
enum { PATTERN_MAX_COMPONENTS = 30 };
typedef uint32_t pattern_state;

struct pattern;

/* Compiles an absolute, normalised pattern whose braces were multiplied out already; NULL when it is none, or memory is short. */
struct pattern *pattern_compile(const char *text);
void pattern_free(struct pattern *p);
pattern_state pattern_start(const struct pattern *p);
/* One component further. `at_root`: the component lies in "/". `bulk`: it is a bulk directory and the pattern a guard's: its first "**" does not stand for it. */
pattern_state pattern_step(const struct pattern *p, pattern_state state, const char *name, size_t len, bool at_root, bool bulk);
/* One component further in any case: the name in its own, in small and in capital letters. Of ASCII only; wide on purpose. */
pattern_state pattern_step_any_case(const struct pattern *p, pattern_state state, const char *name, size_t len, bool at_root, bool bulk);
/* One component further at a name that no component of it is, in any case, but for "**" and "*", which every name is; and that is neither in "/" nor bulk. */
pattern_state pattern_step_other(const struct pattern *p, pattern_state state);

/* What a name has to have to be a component in any case: told at once, before looking at the name letter by letter (pattern_names.c). */
struct pattern_needs {
	uint64_t letters; /* a part of its pattern_letters */
	size_t least;     /* bytes */
};
uint64_t pattern_letters(const char *name, size_t len);
unsigned pattern_components(const struct pattern *p);
/* False: every name is this component. */
bool pattern_needs(const struct pattern *p, unsigned i, struct pattern_needs *needs);
bool pattern_component_any_case(const struct pattern *p, unsigned i, const char *name, size_t len);

bool pattern_matches(const struct pattern *p, pattern_state state);
/* Can something below the path that led here match? */
bool pattern_reaches(const struct pattern *p, pattern_state state);
/* Is the path that ends with `name`, from `before`, a directory that the pattern itself names on the way to its matches (".git" of a pattern for its hooks)?
 * Directories that only "**" stands for are none. */
enum pattern_prefix { PREFIX_NONE, PREFIX_GLOB, PREFIX_LITERAL };
enum pattern_prefix pattern_prefix(const struct pattern *p, pattern_state before, const char *name, size_t len, bool at_root);
/* Is such a name a PREFIX_GLOB? */
bool pattern_prefix_other(const struct pattern *p, pattern_state before);
#endif
