/* A value that is not hashed here and that nobody asked for can only be handed on. In doubt, hashed: then the start is a slower one. */
#include "cache/cache_environment.h"

#include <string.h>

#include "cache/cache_entry.h"
#include "cache/cache_words.h"
#include "plan/utf8.h"

/* The values of these belong to every key: Node.js, its libraries and the front read them, past what the record sees; or every start asks for them, and each of their values shall have an entry
 * of its own. A star at the end: whatever begins like that. */
static const char *const always[] = {
	/* nono's own, of which many are flags */
	"NONO_*",
	/* found by the front: Node.js, and where the cache is */
	"PATH", "HOME", "XDG_STATE_HOME", "XDG_CONFIG_HOME",
	/* Node.js, libuv, ICU, OpenSSL */
	"NODE_*", "UV_*", "V8_*", "ICU_*", "OPENSSL_*", "SSL_*", "SSLKEYLOGFILE", "NO_COLOR", "FORCE_COLOR", "TZ", "LANG", "LANGUAGE", "LC_*",
	/* the dynamic loader and the C library (ld.so(8): all that a program with privileges is not given) */
	"LD_*", "GLIBC_*", "LIBC_*", "MALLOC_*", "GCONV_PATH", "GETCONF_DIR", "HOSTALIASES", "LOCALDOMAIN", "LOCPATH", "NIS_PATH", "NLSPATH", "OUTPUT_CHARSET", "RESOLV_*", "RES_OPTIONS", "TZDIR",
	/* os.tmpdir of Node.js */
	"TMPDIR", "TMP", "TEMP",
	/* asked for by every start */
	"XDG_DATA_HOME", "XDG_CACHE_HOME", "XDG_RUNTIME_DIR", "SHELL", "TERM", "COLORTERM", "CLICOLOR_FORCE", "INK_SCREEN_READER",
};

static bool is_named(const char *name, size_t length, const char *wanted)
{
	size_t most = strlen(wanted);
	if (wanted[most - 1] == '*')
		return length >= most - 1 && memcmp(name, wanted, most - 1) == 0;
	return length == most && memcmp(name, wanted, most) == 0;
}

static bool is_in(const char *name, size_t length, const char *const list[], size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (is_named(name, length, list[i]))
			return true;
	return false;
}

/* The relay's: another pipe, terminal and size each time. No policy code reads them, or there is no record (src/platform/asked.ts), and no command inherits them (src/session/pane/pane-environment.ts). */
static const char *const of_relay[] = {"NONO_RELAY_FD", "NONO_RELAY_TERMIOS", "NONO_RELAY_SIZE"};

static bool is_whole(const char *variable, size_t length, bool in_pane)
{
	if (in_pane && is_in(variable, length, of_relay, sizeof of_relay / sizeof of_relay[0]))
		return false;
	/* Node passes on something else than such bytes. */
	return is_in(variable, length, always, sizeof always / sizeof always[0]) || !is_utf8(variable);
}

void cache_environment_add(struct sha256 *s, char *const env[], bool in_pane)
{
	const uint64_t count = cache_count(env);
	sha256_add_item(s, &count, sizeof count);
	for (uint64_t i = 0; i < count; i++) {
		size_t length = strcspn(env[i], "=");
		/* With the equals sign: a text without one is no variable. */
		sha256_add_item(s, env[i], is_whole(env[i], length, in_pane) || env[i][length] == 0 ? strlen(env[i]) : length + 1);
	}
}

/* The first of that name, as getenv and Node have it. */
static const char *value_of(char *const env[], const char *name)
{
	const size_t length = strlen(name);
	for (; *env != NULL; env++)
		if (strncmp(*env, name, length) == 0 && (*env)[length] == '=')
			return *env + length + 1;
	return NULL;
}

void cache_values_digest(const struct sha256 *key, const char *record, size_t size, char *const env[], uint8_t digest[SHA256_BYTES])
{
	struct sha256 s = *key;
	struct cache_question q;
	for (size_t at = 0; cache_question_next(record, size, &at, &q);) {
		if (q.op != 'v')
			continue;
		const char *value = value_of(env, q.subject);
		const uint8_t is_set = value != NULL;
		sha256_add_item(&s, q.subject, strlen(q.subject));
		sha256_add_item(&s, &is_set, sizeof is_set);
		if (is_set)
			sha256_add_item(&s, value, strlen(value));
	}
	sha256_end(&s, digest);
}

bool cache_without_at(char *const env[], const char *name)
{
	const char *value = value_of(env, name);
	return value != NULL && strchr(value, '@') == NULL;
}
