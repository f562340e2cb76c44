/* SPDX-License-Identifier: Apache-2.0 */
/* Functions that libseccomp.a, built by the distribution against its own glibc, needs, and that musl's loader or an old
 * glibc lacks.
 *
 * Linked into libcordon.so only and hidden there, so that one file loads on glibc 2.17 and newer and on musl. The list
 * is exactly what tests-native/check finds missing. Compiled without stack protector, because it defines the canary. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include "base/base.h"

/* Fortified fprintf (glibc only). flag asks glibc to refuse %n in writable formats; libseccomp's are all literals. */
int __fprintf_chk(FILE *stream, int flag, const char *format, ...) __attribute__((format(printf, 3, 4)));

int __fprintf_chk(FILE *stream, int flag, const char *format, ...)
{
	va_list args;
	int n;

	(void)flag;
	va_start(args, format);
	n = vfprintf(stream, format, args);
	va_end(args);
	return n;
}

#if defined(__aarch64__)
/* On aarch64 glibc keeps the canary in its program loader. A reference to it would make that loader a needed library,
 * which musl lacks. The first byte stays zero, so that a string overrun cannot write it. */
extern uintptr_t __stack_chk_guard;
uintptr_t __stack_chk_guard = UINT64_C(0x5bd1e995a7c6e300);

__attribute__((constructor(101))) static void canary_init(void)
{
	uintptr_t random;

	/* On failure (no such call, no entropy yet) the constant above stays. */
	if (sys(__NR_getrandom, &random, sizeof random, 1 /* GRND_NONBLOCK */) == (long)sizeof random)
		__stack_chk_guard = random & ~(uintptr_t)0xff;
}
#endif
