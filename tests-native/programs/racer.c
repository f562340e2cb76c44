/* SPDX-License-Identifier: Apache-2.0 */
/* racer: makes calls with a path that leads to an allowed place and to a denied one in turn, while another task changes
 * where it leads. racer ROOT TRIES WAY CALL...: ROOT/aa may be used, ROOT/zz not. A CALL is "name nr kind target args":
 * kind "hit" for a call that can succeed only at the denied place (the allowed one is empty), "make" for one that makes
 * something at the allowed one; target is the last component; an argument is a number or
 *   P the path that changes, Q a file that is allowed, N a new name that is allowed, D AT_FDCWD, B a buffer, H an
 *   open_how, X and V the name and value of an attribute, A xattr_args, S the address of a socket at the path, I an
 *   inotify instance, K a new socket.
 * Ways: "text" a thread changes the path in memory, "shared" a process does, "link" a symbolic link is replaced,
 * "dirlink" one to the directory, "exchange" a directory and a link change places. Prints "NAME WAY won", or nothing;
 * and at the end how many tries were refused and how many met the allowed place. */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

static const char *root;
static char *shared;		/* sockaddr_un: the path is at its place in it */
static char good[100], evil[100];
static volatile int *done;
static char buffer[65536], made[100], fixed[100];
static uint64_t how[3];
static struct {
	uint64_t value;
	uint32_t size, flags;
} attribute;
static long refused, met, wins;

static char *path(void)
{
	return shared + offsetof(struct sockaddr_un, sun_path);
}

static const char *in_root(const char *name)
{
	static char bufs[8][100];
	static int turn;
	char *p = bufs[turn++ % 8];

	snprintf(p, sizeof bufs[0], "%s/%s", root, name);
	return p;
}

/* Now and then one is repeated, so that both tasks do not fall into step. */
static const char *choose(unsigned i)
{
	return ((i + i / 7) & 1) != 0 ? evil : good;
}

static void flip_text(void)
{
	char *at = path() + strlen(root) + 1;

	for (unsigned i = 0; !*done; i++) {
		char c = choose(i)[strlen(root) + 1];

		((volatile char *)at)[0] = c;
		((volatile char *)at)[1] = c;
		for (volatile int wait = 0; wait < (int)(i % 97); wait++)
			;
	}
}

static void flip_link(void)
{
	char link[100], next[100];

	snprintf(link, sizeof link, "%s", in_root("aa/way"));
	snprintf(next, sizeof next, "%s", in_root("aa/next"));
	for (unsigned i = 0; !*done; i++) {
		unlink(next);
		if (symlink(choose(i), next) == 0)
			(void)rename(next, link);
	}
}

static void flip_places(void)
{
	char real[100], via[100];

	snprintf(real, sizeof real, "%s", in_root("aa/real"));
	snprintf(via, sizeof via, "%s", in_root("aa/via"));
	while (!*done)
		(void)syscall(SYS_renameat2, AT_FDCWD, real, AT_FDCWD, via, RENAME_EXCHANGE);
}

static void *flip(void *way)
{
	if (strcmp(way, "exchange") == 0)
		flip_places();
	else if (strcmp(way, "text") == 0 || strcmp(way, "shared") == 0)
		flip_text();
	else
		flip_link();
	return NULL;
}

/* The path that changes, and what its ends are for flip. */
static void set_way(const char *way, const char *target)
{
	char *p = path();

	snprintf(good, sizeof good, "%s/aa/%s", root, target);
	snprintf(evil, sizeof evil, "%s/zz/%s", root, target);
	if (strcmp(way, "link") == 0) {
		strcpy(p, in_root("aa/way"));
	} else if (strcmp(way, "dirlink") == 0) {
		snprintf(good, sizeof good, "%s/aa/sub", root);
		snprintf(evil, sizeof evil, "%s/zz", root);
		sprintf(p, "%s/aa/way/%s", root, target);
	} else if (strcmp(way, "exchange") == 0) {
		sprintf(p, "%s/aa/real/%s", root, target);
	} else {
		strcpy(p, good);
	}
}

static long argument(const char *word, int *fd)
{
	switch (word[0]) {
	case 'P':
		return (long)path();
	case 'Q':
		return (long)fixed;
	case 'N':
		return (long)made;
	case 'D':
		return AT_FDCWD;
	case 'B':
		return (long)buffer;
	case 'H':
		return (long)how;
	case 'X':
		return (long)"user.racer";
	case 'V':
		return (long)"value";
	case 'A':
		return (long)&attribute;
	case 'S':
		return (long)shared;
	case 'I':
		return *fd = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
	case 'K':
		return *fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	default:
		return strtol(word, NULL, 0);
	}
}

static void clear(const char *target)
{
	char names[5][100];

	snprintf(names[0], sizeof names[0], "%s/aa/%s", root, target);
	snprintf(names[1], sizeof names[1], "%s/aa/sub/%s", root, target);
	snprintf(names[2], sizeof names[2], "%s/aa/real/%s", root, target);
	snprintf(names[3], sizeof names[3], "%s/aa/via/%s", root, target);
	snprintf(names[4], sizeof names[4], "%s", made);
	for (int i = 0; i < 5; i++)
		if (unlink(names[i]) != 0 && errno == EISDIR)
			(void)rmdir(names[i]);
}

static void keep_fixed(void)
{
	int fd = open(fixed, O_CREAT | O_WRONLY | O_CLOEXEC, 0600);

	if (fd < 0)
		_exit(5);
	close(fd);
}

static void race(const char *name, long nr, int makes, const char *target, char **words, const char *way, long tries)
{
	for (long i = 0; i < tries; i++) {
		long args[6] = { 0 }, rc;
		int fd = -1;

		keep_fixed();
		memcpy(buffer, "\0\0\0", 4);
		for (int k = 0; k < 6 && words[k] != NULL; k++)
			args[k] = argument(words[k], &fd);
		rc = syscall(nr, args[0], args[1], args[2], args[3], args[4], args[5]);
		if (rc < 0 && errno == EACCES)
			refused++;
		else if (rc < 0 && (errno == ENOENT || errno == ENXIO))
			met++;
		else if (rc >= 0 && makes)
			met++;
		else if (rc >= 0) {
			printf("%s %s won\n", name, way);
			wins++;
		}
		if (rc > 2 && (strncmp(name, "open", 4) == 0 || strcmp(name, "creat") == 0))
			close((int)rc);
		if (fd >= 0)
			close(fd);
		if (makes || rc >= 0)
			clear(target);
	}
}

static void prepare_way(const char *way)
{
	(void)mkdir(in_root("aa/sub"), 0700);
	unlink(in_root("aa/way"));
	if (strcmp(way, "exchange") == 0) {
		unlink(in_root("aa/real"));
		unlink(in_root("aa/via"));
		rmdir(in_root("aa/real"));
		rmdir(in_root("aa/via"));
		if (mkdir(in_root("aa/real"), 0700) != 0 || symlink(in_root("zz"), in_root("aa/via")) != 0)
			_exit(6);
	} else if (strcmp(way, "link") == 0 || strcmp(way, "dirlink") == 0) {
		if (symlink(good, in_root("aa/way")) != 0)
			_exit(7);
	}
}

static void run(char *text, const char *way, long tries)
{
	char *words[16] = { NULL }, *save = NULL;
	pthread_t thread;
	pid_t child = 0;
	int n = 0;

	for (char *w = strtok_r(text, " ", &save); w != NULL && n < 15; w = strtok_r(NULL, " ", &save))
		words[n++] = w;
	if (n < 5)
		_exit(3);
	set_way(way, words[3]);
	prepare_way(way);
	*done = 0;
	if (strcmp(way, "shared") == 0) {
		child = fork();
		if (child == 0) {
			(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
			flip(strdup(way));
			_exit(0);
		}
	} else if (pthread_create(&thread, NULL, flip, strdup(way)) != 0) {
		_exit(4);
	}
	race(words[0], strtol(words[1], NULL, 10), strcmp(words[2], "make") == 0, words[3], &words[4], way, tries);
	*done = 1;
	if (child > 0)
		(void)waitpid(child, NULL, 0);
	else
		pthread_join(thread, NULL);
	clear(words[3]);
}

int main(int argc, char **argv)
{
	char *memory = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	long tries = argc > 4 ? strtol(argv[2], NULL, 10) : 0;

	if (memory == MAP_FAILED || tries <= 0)
		return 2;
	root = argv[1];
	done = (volatile int *)memory;
	shared = memory + 64;
	((struct sockaddr_un *)shared)->sun_family = AF_UNIX;
	attribute.value = (uintptr_t)buffer;
	attribute.size = 100;
	snprintf(made, sizeof made, "%s", in_root("aa/made"));
	snprintf(fixed, sizeof fixed, "%s", in_root("aa/fixed"));
	for (int i = 4; i < argc; i++)
		run(argv[i], argv[3], tries);
	printf("refused=%ld\nmet=%ld\nwins=%ld\n", refused, met, wins);
	return 0;
}
