/* SPDX-License-Identifier: Apache-2.0 */
/* tiny: a program of about 1.5 MB that reports its memory: touches argv[1] KiB of new memory, prints its own peak.
 * Static, so that the number has no pages of a shared library. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>

/* The number after name in a file of /proc, or -1. */
static long field(const char *path, const char *name)
{
	FILE *f = fopen(path, "r");
	char line[256];
	long value = -1;

	while (f && fgets(line, sizeof line, f))
		if (strncmp(line, name, strlen(name)) == 0)
			value = strtol(line + strlen(name), NULL, 10);
	if (f)
		fclose(f);
	return value;
}

int main(int argc, char **argv)
{
	size_t bytes = (argc > 1 ? strtoul(argv[1], NULL, 10) : 0) * 1024;
	volatile char *p = bytes ? mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) : NULL;
	long hwm, rss;

	if ((void *)p == MAP_FAILED)
		return 1;
	for (size_t i = 0; i < bytes; i += 4096)
		p[i] = 1;
	/* Not ru_maxrss: that one is inherited over fork and exec, which is the very mistake under test. */
	hwm = field("/proc/self/status", "VmHWM:");
	/* Before Linux 6.2 that lags behind by up to 64 page faults; this one counts pages, where it is. */
	rss = field("/proc/self/smaps_rollup", "Rss:");
	if (hwm < rss)
		hwm = rss;
	printf("hwm_kib=%ld\ntouched_kib=%zu\n", hwm, bytes / 1024);
	return 0;
}
