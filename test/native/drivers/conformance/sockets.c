/* Names of unix sockets: made by bind, reached by connect and by datagrams. */
#include "conformance.h"

#include <stddef.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

static struct sockaddr_un address;

/* The length of the address, 0 where the path has no room in it. */
static socklen_t address_of(const char *path)
{
	size_t n = strlen(path);
	address = (struct sockaddr_un){.sun_family = AF_UNIX};
	if (n >= sizeof address.sun_path)
		return 0;
	memcpy(address.sun_path, path, n + 1);
	return (socklen_t)(offsetof(struct sockaddr_un, sun_path) + n + 1);
}

void table_socket(void)
{
	static const struct {
		const char *name;
		int type;
	} types[] = {{"STREAM", SOCK_STREAM}, {"DGRAM", SOCK_DGRAM}, {"SEQPACKET", SOCK_SEQPACKET}};
	static const mode_t masks[] = {022, 077, 0777};
	for (int i = 0; i < 3; i++) {
		umask(mask = masks[i]);
		FOR_PATHS(false)
		{
			socklen_t length = address_of((const char *)text);
			/* An empty one is bound to a name that the kernel chooses. */
			if (length == 0 || address.sun_path[0] == 0)
				continue;
			int s = socket(AF_UNIX, types[i].type, 0);
			CASE("bind %s umask %o %s", types[i].name, mask, where);
			run(label, SYS_bind, s, (long)&address, length, 0, 0);
			CASE("bind again %s", where);
			run(label, SYS_bind, s, (long)&address, length, 0, 0);
			close(s);
			s = socket(AF_UNIX, types[i].type, 0);
			CASE("connect %s %s", types[i].name, where);
			run(label, SYS_connect, s, (long)&address, length, 0, 0);
			CASE("sendto %s %s", types[i].name, where);
			run6(label, SYS_sendto, s, (long)"x", 1, MSG_NOSIGNAL, (long)&address, length);
			close(s);
		}
	}
	umask(mask = 022);
	int s = socket(AF_UNIX, SOCK_STREAM, 0);
	(void)address_of("made");
	run("bind of another family", SYS_bind, s, (long)&(struct sockaddr){.sa_family = 99}, sizeof address, 0, 0);
	run("bind without an end", SYS_bind, s, (long)&address, offsetof(struct sockaddr_un, sun_path) + 3, 0, 0);
	run("bind too long", SYS_bind, s, (long)&address, sizeof address + 1, 0, 0);
	run("bind too short", SYS_bind, s, (long)&address, 1, 0, 0);
	run("bind bad address", SYS_bind, s, 8, sizeof address, 0, 0);
	run("bind of a file", SYS_bind, FD_FILE, (long)&address, sizeof address, 0, 0);
	run("bind of O_PATH", SYS_bind, FD_FILE_PATH, (long)&address, sizeof address, 0, 0);
	run("bind -1", SYS_bind, -1, (long)&address, sizeof address, 0, 0);
	run("connect of a file", SYS_connect, FD_FILE, (long)&address, sizeof address, 0, 0);
	run("connect bad address", SYS_connect, s, 8, sizeof address, 0, 0);
	close(s);
}
