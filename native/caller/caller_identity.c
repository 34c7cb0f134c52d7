#define _GNU_SOURCE
#include "caller/caller_identity.h"

#include <grp.h>
#include <linux/capability.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

static struct {
	bool privileged;
	uid_t uid;
	gid_t gid;
	gid_t groups[CALLER_MAX_GROUPS];
	int group_count;
	struct __user_cap_data_struct caps[2];
	ino_t user_ns;
	bool switched;
} own;

static ino_t look_up_user_namespace(pid_t tid)
{
	char path[48];
	struct stat st;
	snprintf(path, sizeof path, "/proc/%d/ns/user", tid);
	return stat(path, &st) == 0 ? st.st_ino : 0;
}

/* A thread that is blocked in its call cannot change its credentials, so one look a call is enough; each costs as much as a whole open. */
static struct {
	pid_t tid;
	ino_t user_ns;
} seen;

void caller_begin(void)
{
	seen.tid = 0;
}

static ino_t user_namespace(pid_t tid)
{
	if (seen.tid != tid || seen.user_ns == 0) {
		seen.tid = tid;
		seen.user_ns = look_up_user_namespace(tid);
	}
	return seen.user_ns;
}

bool caller_at_home(pid_t tid)
{
	return user_namespace(tid) == own.user_ns;
}

/* Capabilities that change what an open of a file or a call on a socket does (capabilities(7)). */
static const uint32_t FILE_CAPS = 1U << CAP_CHOWN | 1U << CAP_DAC_OVERRIDE | 1U << CAP_DAC_READ_SEARCH | 1U << CAP_FOWNER | 1U << CAP_FSETID |
                                  1U << CAP_LINUX_IMMUTABLE | 1U << CAP_SYS_ADMIN | 1U << CAP_SYS_RESOURCE | 1U << CAP_MKNOD | 1U << CAP_LEASE |
                                  1U << CAP_NET_BIND_SERVICE | 1U << CAP_NET_ADMIN | 1U << CAP_NET_RAW | 1U << CAP_SETFCAP;

bool caller_identity_fixed(void)
{
	return !own.privileged;
}

void caller_identity_init(uint64_t keep)
{
	struct __user_cap_header_struct head = {.version = _LINUX_CAPABILITY_VERSION_3};
	own.uid = geteuid();
	own.gid = getegid();
	own.group_count = getgroups(CALLER_MAX_GROUPS, own.groups);
	syscall(SYS_capget, &head, own.caps);
	/* Root keeps for itself what the command may have, and what supervising takes: reading memory of, and acting as, other users inside. */
	uint64_t supervising = 1ULL << CAP_SETUID | 1ULL << CAP_SETGID | 1ULL << CAP_SYS_PTRACE | 1ULL << CAP_KILL;
	own.caps[0].effective &= (uint32_t)(keep | supervising);
	own.caps[1].effective &= (uint32_t)(keep >> 32);
	syscall(SYS_capset, &head, own.caps);
	own.privileged = (own.caps[0].effective & ((1U << CAP_SETUID) | (1U << CAP_SETGID))) == ((1U << CAP_SETUID) | (1U << CAP_SETGID));
	own.user_ns = user_namespace(getpid());
}

static bool same_groups(const struct caller_status *s)
{
	return s->group_count == own.group_count && memcmp(s->groups, own.groups, (size_t)s->group_count * sizeof s->groups[0]) == 0;
}

static void set_effective(uint64_t caps)
{
	struct __user_cap_header_struct head = {.version = _LINUX_CAPABILITY_VERSION_3};
	struct __user_cap_data_struct data[2] = {own.caps[0], own.caps[1]};
	data[0].effective = data[0].permitted & (uint32_t)caps;
	data[1].effective = data[1].permitted & (uint32_t)(caps >> 32);
	syscall(SYS_capset, &head, data);
}

bool caller_has_our_identity(pid_t tid, const struct caller_status *s)
{
	return s->group_count < CALLER_MAX_GROUPS && s->fsuid == own.uid && s->fsgid == own.gid && same_groups(s) &&
	       (s->cap_eff & FILE_CAPS) == (own.caps[0].effective & FILE_CAPS) && caller_at_home(tid);
}

bool caller_has_fowner(const struct caller_status *known)
{
	return own.privileged && ((known != NULL ? known->cap_eff : own.caps[0].effective) & 1U << CAP_FOWNER) != 0;
}

bool caller_identity_take(pid_t tid, const struct caller_status *s)
{
	if (!own.privileged)
		return s->fsuid == own.uid && s->fsgid == own.gid; /* groups and capabilities cannot have grown */
	if (s->group_count >= CALLER_MAX_GROUPS)
		return false;
	/* The usual caller: what it could do itself, this process does with the same authority already. */
	if (caller_has_our_identity(tid, s))
		return true;
	/* Capabilities in a user namespace of its own say nothing about files of ours. */
	uint64_t caps = caller_at_home(tid) ? s->cap_eff : 0;
	own.switched = true;
	if (!same_groups(s) && syscall(SYS_setgroups, s->group_count, s->groups) != 0)
		return false;
	if (s->fsgid != own.gid)
		syscall(SYS_setfsgid, s->fsgid);
	if (s->fsuid != own.uid)
		syscall(SYS_setfsuid, s->fsuid);
	/* setfsuid(2) reports no errors: ask. */
	bool ok = (uid_t)syscall(SYS_setfsuid, -1) == s->fsuid && (gid_t)syscall(SYS_setfsgid, -1) == s->fsgid;
	set_effective(caps);
	return ok;
}

/* Capabilities that change what may be done to another process's limits and priorities. */
static const uint32_t PROCESS_CAPS = 1U << CAP_SYS_NICE | 1U << CAP_SYS_RESOURCE | 1U << CAP_SYS_ADMIN;

bool caller_is_this_user(pid_t tid, const struct caller_status *s)
{
	return user_namespace(tid) == own.user_ns && s->ruid == own.uid && s->euid == own.uid && s->suid == own.uid &&
	       (s->cap_eff & PROCESS_CAPS) == (own.caps[0].effective & PROCESS_CAPS);
}

bool caller_become(pid_t tid, const struct caller_status *s)
{
	if (!own.privileged || s->group_count >= CALLER_MAX_GROUPS)
		return false;
	bool at_home = user_namespace(tid) == own.user_ns;
	/* Kept over setresuid, so that what the caller holds effectively can be taken afterwards. */
	if (prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0) != 0 || setgroups((size_t)s->group_count, s->groups) != 0 || setresgid(s->rgid, s->egid, s->sgid) != 0 ||
	    setresuid(s->ruid, s->euid, s->suid) != 0)
		return false;
	/* A thread that serves others (setfsuid(2)) makes files that are theirs and reaches what they reach. To take an identity needs capabilities, which were not kept effective. */
	set_effective(~0ULL);
	syscall(SYS_setfsgid, s->fsgid);
	syscall(SYS_setfsuid, s->fsuid);
	if ((uid_t)syscall(SYS_setfsuid, -1) != s->fsuid || (gid_t)syscall(SYS_setfsgid, -1) != s->fsgid)
		return false;
	set_effective(at_home ? s->cap_eff : 0);
	return true;
}

bool caller_identity_become(pid_t tid, const struct caller_status *s)
{
	if (!caller_identity_take(tid, s))
		return false;
	bool other = own.switched;
	caller_identity_restore();
	return !other || caller_become(tid, s);
}

bool caller_identity_taken(void)
{
	return own.switched;
}

void caller_identity_restore(void)
{
	if (!own.switched)
		return;
	struct __user_cap_header_struct head = {.version = _LINUX_CAPABILITY_VERSION_3};
	syscall(SYS_capset, &head, own.caps);
	syscall(SYS_setfsuid, own.uid);
	syscall(SYS_setfsgid, own.gid);
	syscall(SYS_setgroups, own.group_count, own.groups);
	syscall(SYS_capset, &head, own.caps); /* setfsuid back to 0 raised the file capabilities; this is the recorded set */
	own.switched = false;
}
