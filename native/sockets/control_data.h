/* The headers of control data (cmsg(3)), stepped through with the kernel's own arithmetic (CMSG_NXTHDR in include/linux/socket.h). The C library's macro is another one: glibc's before 2.37
 * leaves out a last header without padding behind it, and what is not looked at here reaches the kernel as it is: numbers of descriptors, which would be this process's own. */
#ifndef NONO_CONTROL_DATA_H
#define NONO_CONTROL_DATA_H
#include <stdint.h>
#include <sys/socket.h>

/* The header `at` bytes into them, or NULL: there is no room for one. */
static inline struct cmsghdr *control_header(uint8_t *control, size_t len, size_t at)
{
	return at <= len && len - at >= sizeof(struct cmsghdr) ? (struct cmsghdr *)(control + at) : NULL;
}

/* Does it fit into what is left? Only then is there a next one. */
static inline bool control_fits(const struct cmsghdr *h, size_t len, size_t at)
{
	return h->cmsg_len >= sizeof *h && h->cmsg_len <= len - at;
}

static inline size_t control_next(const struct cmsghdr *h, size_t at)
{
	return at + CMSG_ALIGN(h->cmsg_len);
}
#endif
