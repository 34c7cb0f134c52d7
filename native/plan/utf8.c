#include "plan/utf8.h"

/* How many bytes follow the first one of a character, and the range of the second (RFC 3629, section 4): no overlong form, no surrogate, nothing above U+10FFFF. */
static int following(unsigned char first, unsigned char *least, unsigned char *most)
{
	*least = first == 0xe0 ? 0xa0 : first == 0xf0 ? 0x90 : 0x80;
	*most = first == 0xed ? 0x9f : first == 0xf4 ? 0x8f : 0xbf;
	return first < 0x80 ? 0 : first < 0xc2 ? -1 : first < 0xe0 ? 1 : first < 0xf0 ? 2 : first < 0xf5 ? 3 : -1;
}

bool is_utf8(const char *text)
{
	for (const unsigned char *p = (const unsigned char *)text; *p != 0;) {
		unsigned char least, most;
		int n = following(*p++, &least, &most);
		if (n < 0)
			return false;
		for (; n > 0; n--, p++, least = 0x80, most = 0xbf)
			if (*p < least || *p > most)
				return false;
	}
	return true;
}
