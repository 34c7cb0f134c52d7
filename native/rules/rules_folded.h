/* The same rules where several spellings are one name (fold.c): beside them stand their denies in lower case. For the other rules*.c; all but the first are asked where
 * there is such a twin (`folded`), and after the rules as they are written. */
#ifndef NONO_RULES_FOLDED_H
#define NONO_RULES_FOLDED_H
#include "rules/rules.h"

bool rules_folded_add(struct rules *r, uint32_t id, uint8_t verdict, uint8_t kind, uint16_t access, const char *path);
/* `allowed`: what was decided bytewise. */
struct decision rules_folded_decide(const struct rules *r, const char *path, uint8_t wanted, struct decision allowed);
bool rules_folded_below(const struct rules *r, const char *path);
enum pattern_prefix rules_folded_prefix(const struct rules *r, const char *path, uint32_t *id);
#endif
