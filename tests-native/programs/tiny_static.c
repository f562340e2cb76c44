/* tiny: a program of about 1.5 MB that says what it uses itself: touches argv[1] KiB of fresh memory, prints its own peak.
 * Static, so that no shared page of a library is in the number. */
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/resource.h>

int main(int argc, char **argv)
{
	size_t bytes = (argc > 1 ? strtoul(argv[1], NULL, 10) : 0) * 1024;
	volatile char *p = bytes ? mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) : NULL;
	FILE *f = fopen("/proc/self/status", "r");
	char line[256];
	long hwm = -1, kib;

	if ((void *)p == MAP_FAILED)
		return 1;
	for (size_t i = 0; i < bytes; i += 4096)
		p[i] = 1;
	/* Not ru_maxrss: that one is inherited over fork and exec, which is the very mistake under test. */
	while (f && fgets(line, sizeof line, f))
		if (sscanf(line, "VmHWM: %ld", &kib) == 1)
			hwm = kib;
	if (f)
		fclose(f);
	printf("hwm_kib=%ld\ntouched_kib=%zu\n", hwm, bytes / 1024);
	return 0;
}
