/* SPDX-License-Identifier: Apache-2.0 */
/* race: tries to get a forbidden file past a check of its path. race KIND TRIES ALLOWED FORBIDDEN, both files of one
 * line. If no try got the allowed file, it continues for a while until one does: if every call is judged in the same
 * state, there was no race.
 *
 * buffer   a second thread overwrites the path in the memory that the call uses with the other path
 * link     a second thread makes a symbolic link point to one file and to the other in turn
 * Prints how often each file was got: "allowed=N forbidden=N". */
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static char shared[256] __attribute__((aligned(64)));
static char paths[2][256];
static volatile int done;

/* In turn, but with one repeated now and then: on a single CPU both threads can fall into step, and then every try
 * finds the same path. */
static const char *path_of(unsigned i)
{
	return paths[(i + i / 7) & 1];
}

static void *flip_buffer(void *arg)
{
	(void)arg;
	for (unsigned i = 0; !done; i++)
		memcpy(shared, path_of(i), sizeof shared);
	return NULL;
}

static void *flip_link(void *arg)
{
	(void)arg;
	for (unsigned i = 0; !done; i++) {
		unlink("/w/next");
		if (symlink(path_of(i), "/w/next") == 0)
			(void)rename("/w/next", "/w/link");
	}
	return NULL;
}

int main(int argc, char **argv)
{
	long tries, got[2] = { 0, 0 };
	pthread_t thread;
	int link;

	if (argc != 5)
		return 2;
	link = strcmp(argv[1], "link") == 0;
	tries = strtol(argv[2], NULL, 10);
	for (int i = 0; i < 2; i++)
		(void)snprintf(paths[i], sizeof paths[i], "%s", argv[3 + i]);
	memcpy(shared, paths[0], sizeof shared);
	if (pthread_create(&thread, NULL, link ? flip_link : flip_buffer, NULL) != 0)
		return 3;
	for (long i = 0; i < tries || (got[0] == 0 && i < 1000 * tries); i++) {
		int fd = open(link ? "/w/link" : shared, O_RDONLY);
		char c;

		if (fd < 0)
			continue;
		if (read(fd, &c, 1) == 1)
			got[c == 's']++;
		close(fd);
	}
	done = 1;
	pthread_join(thread, NULL);
	printf("allowed=%ld\nforbidden=%ld\n", got[0], got[1]);
	return 0;
}
