#define _GNU_SOURCE
#include "floor/floor.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "floor/floor_known.h"
#include "path/no_links.h"
#include "start/closing.h"
#include "uapi/landlock_abi.h"

int floor_abi(void)
{
	long abi = syscall(SYS_landlock_create_ruleset, NULL, 0, LL_CREATE_RULESET_VERSION);
	return abi < 0 ? 0 : (int)abi;
}

/* Every right that this ABI can handle is handled: what is not granted by a rule is denied. */
static uint64_t handled_fs(int abi)
{
	uint64_t all = (LL_FS_RESOLVE_UNIX << 1) - 1;
	if (abi < 9)
		all &= ~LL_FS_RESOLVE_UNIX;
	if (abi < 5)
		all &= ~LL_FS_IOCTL_DEV;
	if (abi < 3)
		all &= ~LL_FS_TRUNCATE;
	if (abi < 2)
		all &= ~LL_FS_REFER;
	return all;
}

/* Device nodes are never made inside: no FLOOR right maps to MAKE_CHAR or MAKE_BLOCK. */
static uint64_t landlock_rights(uint32_t rights)
{
	uint64_t ll = 0;
	if (rights & FLOOR_READ_FILE)
		ll |= LL_FS_READ_FILE;
	if (rights & FLOOR_READ_DIR)
		ll |= LL_FS_READ_DIR;
	if (rights & FLOOR_EXECUTE)
		ll |= LL_FS_EXECUTE;
	if (rights & FLOOR_WRITE_FILE)
		ll |= LL_FS_WRITE_FILE | LL_FS_TRUNCATE;
	if (rights & FLOOR_MAKE)
		ll |= LL_FS_MAKE_DIR | LL_FS_MAKE_REG | LL_FS_MAKE_SOCK | LL_FS_MAKE_FIFO | LL_FS_MAKE_SYM;
	if (rights & FLOOR_REMOVE)
		ll |= LL_FS_REMOVE_DIR | LL_FS_REMOVE_FILE;
	if (rights & FLOOR_REFER)
		ll |= LL_FS_REFER;
	if (rights & FLOOR_IOCTL_DEV)
		ll |= LL_FS_IOCTL_DEV;
	return ll;
}

enum { FILE_RIGHTS = FLOOR_READ_FILE | FLOOR_EXECUTE | FLOOR_WRITE_FILE | FLOOR_IOCTL_DEV };

static bool grant(struct floor *floor, int fd, const struct stat *st, uint32_t rights)
{
	struct ll_path_beneath_attr attr = {.allowed_access = landlock_rights(rights) & floor->handled, .parent_fd = fd};
	if (attr.allowed_access == 0)
		return true;
	if (!floor_remember_object(floor, st->st_dev, st->st_ino, rights)) {
		errno = ENOMEM;
		return false;
	}
	return syscall(SYS_landlock_add_rule, floor->ruleset_fd, LL_RULE_PATH_BENEATH, &attr, 0) == 0;
}

bool floor_grant(struct floor *floor, int fd, const struct stat *st, uint32_t rights, struct failure *f)
{
	if (!grant(floor, fd, st, S_ISDIR(st->st_mode) ? rights : rights & FILE_RIGHTS))
		return fail(f, 126, errno, "add a Landlock rule", "");
	return true;
}

static bool add_rule(struct floor *floor, const struct plan_floor *r, struct closing *done, struct failure *f)
{
	/* The compiler resolved this path; a symlink in it now means that somebody moved things meanwhile, and the rule would land elsewhere. */
	int fd = no_links_open(r->path, O_PATH, 0);
	if (fd < 0) {
		/* Granting less is safe; the broker still knows the rule. */
		if (errno == ENOENT || errno == ELOOP || errno == ENOTDIR || errno == EACCES) {
			floor->skipped++;
			return true;
		}
		return fail(f, 126, errno, "open a granted path", r->path);
	}
	struct stat st;
	struct floor_rule rule = {.rights = r->rights};
	bool ok = fstat(fd, &st) == 0;
	if (ok) {
		rule.is_dir = S_ISDIR(st.st_mode);
		rule.dev = st.st_dev;
		rule.ino = st.st_ino;
		if (!rule.is_dir)
			rule.rights &= FILE_RIGHTS;
		ok = grant(floor, fd, &st, rule.rights);
	}
	int err = errno;
	close_soon(done, fd);
	if (!ok)
		return fail(f, 126, err, "add a Landlock rule", r->path);
	if (!floor_remember(floor, r->path, &rule))
		return fail(f, 126, ENOMEM, "add a Landlock rule", r->path);
	return true;
}

/* Landlock sees ports, not addresses: a port is on the floor only when every address may use it, and no DENY touches it. */
static bool add_ports(const struct floor *floor, const struct net_rules *rules, struct failure *f)
{
	for (unsigned port = 0; rules->count > 0 && port <= 65535; port++) {
		struct ll_net_port_attr attr = {.port = port};
		attr.allowed_access |= net_port_free(rules, NET_CONNECT, (uint16_t)port) ? LL_NET_CONNECT_TCP : 0;
		attr.allowed_access |= net_port_free(rules, NET_BIND, (uint16_t)port) ? LL_NET_BIND_TCP : 0;
		if (attr.allowed_access != 0 && syscall(SYS_landlock_add_rule, floor->ruleset_fd, LL_RULE_NET_PORT, &attr, 0) != 0)
			return fail(f, 126, errno, "add a Landlock rule", "for a port");
	}
	return true;
}

/* Without a supervisor the floor is all there is: what it cannot hold must not look as if it held. */
static bool net_holds(const struct plan *plan, int abi, struct failure *f)
{
	if ((plan->flags & PLAN_NET_RULES) == 0 || (plan->flags & PLAN_SUPERVISE) != 0)
		return true;
	if (abi < 4)
		return fail(f, 126, 0, "hold network rules without a supervisor", "this kernel's Landlock ABI is below 4");
	for (size_t i = 0; i < plan->net.count; i++) {
		const struct net_rule *r = &plan->net.list[i];
		if (r->verdict != VERDICT_ALLOW || r->protocols != NET_TCP || r->family != 0)
			return fail(f, 126, 0, "hold network rules without a supervisor", "only TCP ports for any address can be");
	}
	return true;
}

bool floor_build(const struct plan *plan, struct floor *floor, struct failure *f)
{
	*floor = (struct floor){.ruleset_fd = -1, .abi = floor_abi()};
	if (floor->abi == 0)
		return fail(f, 126, 0, "set up Landlock", "this kernel does not offer it (Linux 5.13 or newer with landlock in the lsm= list is needed)");
	bool scopes = (plan->flags & (PLAN_SCOPE_SIGNAL | PLAN_SCOPE_ABSTRACT)) != 0;
	bool degraded = (plan->flags & PLAN_ALLOW_DEGRADED) != 0;
	if (!degraded && floor->abi < (int)plan->min_abi)
		return fail(f, 126, 0, "set up Landlock", "this kernel's ABI is older than the policy needs (--allow-degraded runs with what there is)");
	if (!degraded && scopes && floor->abi < 6)
		return fail(f, 126, 0, "scope signals and abstract sockets", "this kernel's Landlock ABI is below 6 (--allow-degraded runs without)");

	if (!net_holds(plan, floor->abi, f))
		return false;
	struct ll_ruleset_attr attr = {.handled_access_fs = handled_fs(floor->abi)};
	/* Sockets made inside pass; every other one is reached through the supervisor, which decides and connects itself. */
	if ((plan->flags & PLAN_UNIX_RULES) == 0)
		attr.handled_access_fs &= ~LL_FS_RESOLVE_UNIX;
	if (floor->abi >= 4 && (plan->flags & (PLAN_BLOCK_NET | PLAN_NET_RULES)))
		attr.handled_access_net = LL_NET_BIND_TCP | LL_NET_CONNECT_TCP;
	if (floor->abi >= 6) {
		attr.scoped |= (plan->flags & PLAN_SCOPE_SIGNAL) ? LL_SCOPE_SIGNAL : 0;
		attr.scoped |= (plan->flags & PLAN_SCOPE_ABSTRACT) ? LL_SCOPE_ABSTRACT_UNIX_SOCKET : 0;
	}
	/* Older kernels refuse a longer structure unless its tail is zero, and these fields are zero there. */
	size_t size = floor->abi >= 6 ? 24 : floor->abi >= 4 ? 16 : 8;
	floor->ruleset_fd = (int)syscall(SYS_landlock_create_ruleset, &attr, size, 0);
	if (floor->ruleset_fd < 0)
		return fail(f, 126, errno, "create a Landlock ruleset", "");
	floor->handled = attr.handled_access_fs;
	struct closing done = {.count = 0};
	bool added = true;
	pathmap_reserve(&floor->map, plan->floor_count); /* where it cannot, adding fails */
	for (size_t i = 0; added && i < plan->floor_count; i++)
		added = add_rule(floor, &plan->floor[i], &done, f);
	close_now(&done);
	if (!added)
		return false;
	return attr.handled_access_net == 0 || (plan->flags & PLAN_NET_RULES) == 0 || add_ports(floor, &plan->net, f);
}

bool floor_enter(const struct floor *floor, struct failure *f)
{
	if (syscall(SYS_landlock_restrict_self, floor->ruleset_fd, 0) == 0)
		return true;
	const char *step = "enter the Landlock sandbox";
	if (errno == E2BIG) /* whose words are about an argument list */
		return fail(f, 126, 0, step, "16 such sandboxes hold already, the most that the kernel allows one in another (start it outside of some)");
	return fail(f, 126, errno, step, "");
}
