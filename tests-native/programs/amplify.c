/* SPDX-License-Identifier: Apache-2.0 */
/* amplify: makes a supervisor work. "links SECONDS": looks again and again, for so much time, at a path of many links,
 * and prints the CPU time that it used itself (own_ms). "files N": makes N empty files in the working directory, and
 * prints how many it made (files). */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define LINKS 35
#define FAILED_MAX 100	/* some errors do not say that memory was lacking: a procfs says ENOENT */

static double now(void)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void links(double seconds)
{
	char deep[3000] = "/w", target[4000], name[16];
	double end = now() + seconds;
	struct rusage usage;
	struct stat st;
	long calls = 0;

	for (int i = 0; i < 1200; i++)
		strcat(deep, "/.");
	for (int i = 0; i < LINKS; i++) {
		(void)snprintf(name, sizeof name, "l%d", i);
		(void)snprintf(target, sizeof target, "%s/l%d", deep, i + 1);
		(void)symlink(target, name);
	}
	(void)snprintf(name, sizeof name, "l%d", LINKS);
	(void)close(open(name, O_CREAT | O_WRONLY, 0644));
	for (; now() < end; calls++)
		(void)stat("/w/l0", &st);
	(void)getrusage(RUSAGE_SELF, &usage);
	printf("calls=%ld\nown_ms=%ld\n", calls,
	       (usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * 1000L +
		       (usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1000);
}

static void files(long n)
{
	long made = 0, failed = 0;

	for (; made < n; made++) {
		char name[100];
		int fd;

		(void)snprintf(name, sizeof name, "%090ld", made);
		fd = open(name, O_CREAT | O_WRONLY, 0600);
		if (fd < 0) {
			(void)fprintf(stderr, "open: %s\n", strerror(errno));
			if (++failed == FAILED_MAX)
				break;
			continue;
		}
		(void)close(fd);
	}
	printf("files=%ld\n", made);
}

int main(int argc, char **argv)
{
	if (argc != 3)
		return 2;
	if (strcmp(argv[1], "links") == 0)
		links(atof(argv[2]));
	else
		files(atol(argv[2]));
	return 0;
}
