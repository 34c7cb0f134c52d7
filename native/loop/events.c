#include <sys/stat.h>

#include "caller/caller.h"
#include "loop/supervisor.h"

void fill_record(struct access_record *r, struct record_names *names, pid_t tid, uint16_t verb, uint8_t access, uint8_t reason, uint32_t rule_id,
                 uint8_t object, const char *path)
{
	struct caller_status status = {.tgid = tid};
	caller_status(tid, &status);
	caller_comm(status.tgid, names->comm);
	caller_comm(status.ppid, names->parent_comm);
	*r = (struct access_record){.pid = status.tgid, .tid = tid, .parent_pid = status.ppid, .verb = verb, .access = access, .reason = reason,
	                            .rule_id = rule_id, .object = object, .path = path, .comm = names->comm, .parent_comm = names->parent_comm};
}

void report_denied(struct supervisor *s, pid_t tid, uint16_t verb, uint8_t access, uint8_t reason, uint32_t rule_id, uint8_t object, const char *path)
{
	if (s->wire.fd < 0)
		return;
	struct access_record r;
	struct record_names names;
	fill_record(&r, &names, tid, verb, access, reason, rule_id, object, path);
	wire_denied(&s->wire, &r);
}

uint8_t object_kind(const struct target *t)
{
	if (t->object < 0)
		return OBJECT_MISSING;
	return S_ISREG(t->st.st_mode) ? OBJECT_FILE : S_ISDIR(t->st.st_mode) ? OBJECT_DIRECTORY : OBJECT_OTHER;
}
