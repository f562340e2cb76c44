/* SPDX-License-Identifier: Apache-2.0 */
/* Files in a kept container: opened, made, linked and removed by init for the host, many in one command, also where a
 * program has prepared traps. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include "support/sandbox.h"

#define DIRT "/programs/dirt"
#define MANY 200

/* One file, in one command. The step's own error in *item. */
static int open_one(struct kept *k, const char *path, uint32_t flags, uint32_t mode, struct cordon_error *item)
{
	const struct cordon_file file = { .path = path, .flags = flags, .mode = mode };
	struct cordon_error err;
	int fd = 12345;

	MUST(cordon_container_open_files(k->c, &file, 1, &fd, item, &err), &err);
	CHECK((fd >= 0) == (item->step == CORDON_STEP_NONE));
	CHECK(fd < 0 ? fd == -1 : fcntl(fd, F_GETFD) == FD_CLOEXEC);
	return fd;
}

static void expect_open(struct kept *k, const char *path, const char *text)
{
	struct cordon_error item;
	int fd = open_one(k, path, 0, 0, &item);
	char buffer[256];
	ssize_t n = fd >= 0 ? read(fd, buffer, sizeof buffer) : -1;

	if (n != (ssize_t)strlen(text) || memcmp(buffer, text, (size_t)n) != 0)
		TEST_FAIL("%s: %zd bytes, step %s errno %d", path, n, cordon_step_name(item.step), item.err);
	if (fd >= 0)
		close(fd);
}

static void expect_made(struct kept *k, const char *path, uint32_t mode, const char *text)
{
	struct cordon_error item;
	int fd = open_one(k, path, CORDON_FILE_CREATE, mode, &item);

	if (fd < 0 || write(fd, text, strlen(text)) != (ssize_t)strlen(text))
		TEST_FAIL("%s: step %s errno %d", path, cordon_step_name(item.step), item.err);
	if (fd >= 0)
		close(fd);
}

static void expect_refused(struct kept *k, const char *path, uint32_t flags, int errnum)
{
	struct cordon_error item;
	int fd = open_one(k, path, flags, 0, &item);

	if (fd >= 0 || item.err != errnum ||
	    item.step != ((flags & CORDON_FILE_CREATE) ? CORDON_STEP_COPY_IN : CORDON_STEP_COPY_OUT) ||
	    item.index != 0 || item.origin != CORDON_AT_INIT || item.detail_len != strlen(path) ||
	    memcmp(item.detail, path, item.detail_len) != 0)
		TEST_FAIL("%s: fd %d step %s errno %d, not %d", path, fd, cordon_step_name(item.step), item.err,
			  errnum);
	if (fd >= 0)
		close(fd);
}

static void expect_deleted(struct kept *k, const char *path, uint32_t flags, int errnum)
{
	const struct cordon_file file = { .path = path, .flags = flags };
	struct cordon_error err, item;

	MUST(cordon_container_delete_files(k->c, &file, 1, &item, &err), &err);
	if (item.err != errnum || item.step != (errnum ? CORDON_STEP_DELETE : CORDON_STEP_NONE))
		TEST_FAIL("delete %s: step %s errno %d, not %d", path, cordon_step_name(item.step), item.err, errnum);
}

static void expect_run(struct kept *k, const char *script, const char *out)
{
	struct outcome o;

	kept_run(k, ARGV("/bin/sh", "-c", script), &o);
	CHECK_OK(&o);
	CHECK_OUT(&o, out);
	outcome_done(&o);
}

static void ready(struct kept *k)
{
	sandbox_init(&k->s);
	k->s.command.limits.processes = 2000;
}

static void two_hundred_files_in_one_command(void)
{
	static char paths[MANY][64];
	static struct cordon_file files[MANY];
	static struct cordon_error items[MANY];
	struct cordon_error err;
	int fds[MANY];
	struct kept k;

	ready(&k);
	KEPT_OPEN(&k);
	for (int round = 0; round < 3; round++) {
		for (int i = 0; i < MANY; i++) {
			/* Every tenth can't be made, and says so by itself. */
			snprintf(paths[i], sizeof paths[i], i % 10 == 3 ? "/usr/f%d" : "/w/a%d/b/f%d", i, i);
			files[i] = (struct cordon_file){ .path = paths[i], .flags = CORDON_FILE_CREATE, .mode = 0640 };
		}
		MUST(cordon_container_open_files(k.c, files, MANY, fds, items, &err), &err);
		for (int i = 0; i < MANY; i++) {
			if (i % 10 == 3) {
				CHECK_EQ(fds[i], -1);
				CHECK_EQ(items[i].err, EROFS);
				CHECK_EQ(items[i].index, i);
			} else if (fds[i] < 0 || dprintf(fds[i], "file %d", i) < 0) {
				TEST_FAIL("%s: errno %d", paths[i], items[i].err);
			}
			if (fds[i] >= 0)
				close(fds[i]);
			files[i].flags = files[i].mode = 0;
		}
		MUST(cordon_container_open_files(k.c, files, MANY, fds, items, &err), &err);
		for (int i = 0; i < MANY; i++) {
			char text[32] = "", want[32];

			if (i % 10 == 3) {
				CHECK_EQ(items[i].err, ENOENT);
				continue;
			}
			snprintf(want, sizeof want, "file %d", i);
			CHECK(fds[i] >= 0 && read(fds[i], text, sizeof text - 1) > 0);
			CHECK_STR(text, want);
			close(fds[i]);
		}
		for (int i = 0; i < MANY; i++) {
			snprintf(paths[i], sizeof paths[i], "/w/a%d", i);
			files[i].flags = CORDON_FILE_TREE;
		}
		MUST(cordon_container_delete_files(k.c, files, MANY, items, &err), &err);
		for (int i = 0; i < MANY; i++)
			CHECK_EQ(items[i].err, i % 10 == 3 ? ENOENT : 0);
		expect_run(&k, "ls -A /w | wc -l", "0\n");
	}
	CHECK(settles(cordon_container_pid(k.c), 64, 0));
	KEPT_CLOSE(&k);
}
ROOTLESS(two_hundred_files_in_one_command)

/* Of go-sandbox, item 13: more descriptors than a message holds. */
static void more_than_two_hundred_are_refused_and_two_commands_do(void)
{
	static char paths[300][32];
	static struct cordon_file files[300];
	static struct cordon_error items[300];
	struct cordon_error err;
	int fds[300];
	struct kept k;

	ready(&k);
	KEPT_OPEN(&k);
	for (int i = 0; i < 300; i++) {
		snprintf(paths[i], sizeof paths[i], "/w/f%d", i);
		files[i] = (struct cordon_file){ .path = paths[i], .flags = CORDON_FILE_CREATE };
	}
	MUST_FAIL(cordon_container_open_files(k.c, files, 300, fds, items, &err), &err, CORDON_STEP_VALIDATE, 0);
	MUST_FAIL(cordon_container_open_files(k.c, files, 201, fds, items, &err), &err, CORDON_STEP_VALIDATE, 0);
	MUST_FAIL(cordon_container_open_files(k.c, files, 0, fds, items, &err), &err, CORDON_STEP_VALIDATE, 0);
	MUST_FAIL(cordon_container_delete_files(k.c, files, 300, items, &err), &err, CORDON_STEP_VALIDATE, 0);
	MUST(cordon_container_ping(k.c, &err), &err);
	MUST(cordon_container_open_files(k.c, files, 150, fds, items, &err), &err);
	MUST(cordon_container_open_files(k.c, files + 150, 150, fds + 150, items, &err), &err);
	for (int i = 0; i < 300; i++) {
		CHECK(fds[i] >= 0);
		close(fds[i]);
	}
	expect_run(&k, "ls /w | wc -l", "300\n");
	KEPT_CLOSE(&k);
}

static void malformed_requests_are_refused_before_they_are_sent(void)
{
	static const struct cordon_file bad[] = {
		{ .path = "w/relative" }, { .path = "/w/../etc/x" },	     { .path = "/w/./x" },
		{ .path = NULL },	  { .path = "/w/x", .mode = 07777 }, { .path = "/w/x", .text = "text" },
		{ .path = "/w/x", .flags = CORDON_FILE_REPLACE },
		{ .path = "/w/x", .flags = CORDON_FILE_CREATE | CORDON_FILE_DIRECTORY },
	};
	struct cordon_error err, item;
	struct kept k;
	int fd;

	ready(&k);
	KEPT_OPEN(&k);
	for (size_t i = 0; i < LENGTH(bad); i++)
		MUST_FAIL(cordon_container_open_files(k.c, &bad[i], 1, &fd, &item, &err), &err, CORDON_STEP_VALIDATE,
			  0);
	MUST_FAIL(cordon_container_symlink_files(k.c, &bad[4], 1, &item, &err), &err, CORDON_STEP_VALIDATE, 0);
	/* An unknown bit is init's to refuse, or the host's; never an open file. */
	{
		const struct cordon_file odd = { .path = "/w/odd", .flags = 1u << 9 };

		CHECK(cordon_container_open_files(k.c, &odd, 1, &fd, &item, &err) < 0 || item.step != CORDON_STEP_NONE);
	}
	MUST(cordon_container_ping(k.c, &err), &err);
	KEPT_CLOSE(&k);
}

static void a_new_file_has_the_mode_and_the_owner_asked_for(void)
{
	struct kept k;

	ready(&k);
	KEPT_OPEN(&k);
	expect_made(&k, "/w/p1/p2/default", 0, "a");
	expect_made(&k, "/w/p1/0600", 0600, "b");
	expect_made(&k, "/w/p1/0777", 0777, "#!/bin/sh\necho executed\n");
	expect_made(&k, "/w/p1/0001", 0001, "c");
	expect_run(&k,
		   "cd /w/p1; stat -c '%n %a %u:%g' p2 p2/default 0600 0777 0001 .; ./0777; cat 0600; echo; echo more "
		   ">> 0600; rm 0001 && rm -r p2 && "
		   "echo mine",
		   "p2 755 1000:1000\np2/default 644 1000:1000\n0600 600 1000:1000\n0777 777 1000:1000\n0001 1 "
		   "1000:1000\n. 755 "
		   "1000:1000\nexecuted\nb\nmine\n");
	expect_open(&k, "/w/p1/0600", "bmore\n");
	KEPT_CLOSE(&k);
}
ROOTLESS(a_new_file_has_the_mode_and_the_owner_asked_for)

static void what_exists_is_not_overwritten(void)
{
	struct kept k;

	ready(&k);
	KEPT_OPEN(&k);
	expect_run(&k, "echo mine > f; mkdir d; ln -s /w/new dangling; ln -s f link; mkfifo fifo", "");
	expect_refused(&k, "/w/f", CORDON_FILE_CREATE, EEXIST);
	expect_refused(&k, "/w/d", CORDON_FILE_CREATE, EEXIST);
	expect_refused(&k, "/w/fifo", CORDON_FILE_CREATE, EEXIST);
	expect_refused(&k, "/w/link", CORDON_FILE_CREATE, EEXIST);
	expect_refused(&k, "/w/dangling", CORDON_FILE_CREATE, EEXIST);
	expect_refused(&k, "/w/f/below", CORDON_FILE_CREATE, ENOTDIR);
	expect_refused(&k, "/usr/x", CORDON_FILE_CREATE, EROFS);
	expect_refused(&k, "/dev/x", CORDON_FILE_CREATE, EROFS);
	expect_refused(&k, "/new/dir/x", CORDON_FILE_CREATE, EROFS);
	expect_run(&k, "cat f; ls", "mine\nd\ndangling\nf\nfifo\nlink\n");
	KEPT_CLOSE(&k);
}

/* What is replaced is removed: a program that has it open keeps it, and a link is not followed. */
static void replacing_makes_a_new_file(void)
{
	const uint32_t replace = CORDON_FILE_CREATE | CORDON_FILE_REPLACE;
	struct cordon_error item;
	struct kept k;
	int fd;

	ready(&k);
	KEPT_OPEN(&k);
	expect_run(&k, "echo mine > f; ln f other; mkdir d; ln -s /w/target link; echo old > target; mkfifo fifo", "");
	for (int i = 0; i < 4; i++) {
		static const char *const paths[] = { "/w/f", "/w/link", "/w/fifo", "/w/new" };

		fd = open_one(&k, paths[i], replace, 0640, &item);
		CHECK(fd >= 0 && write(fd, "new\n", 4) == 4);
		if (fd >= 0)
			close(fd);
	}
	expect_refused(&k, "/w/d", replace, EISDIR);
	expect_refused(&k, "/usr/x", replace, EROFS);
	expect_run(
		&k, "cat f other link target fifo new; stat -c '%a %u %F' f link fifo",
		"new\nmine\nnew\nold\nnew\nnew\n640 1000 regular file\n640 1000 regular file\n640 1000 regular file\n");
	KEPT_CLOSE(&k);
}

static void a_directory_is_listed(void)
{
	static const struct {
		const char *name;
		uint32_t kind;
		uint64_t size;
	} want[] = {
		{ "a b\n", CORDON_ENTRY_FILE, 3 }, { "dir", CORDON_ENTRY_DIRECTORY, 0 },
		{ "fifo", CORDON_ENTRY_OTHER, 0 }, { "link", CORDON_ENTRY_LINK, 7 },
	};
	struct cordon_error item, err;
	struct cordon_listing listing;
	struct kept k;
	int fd;

	ready(&k);
	KEPT_OPEN(&k);
	expect_run(&k,
		   "mkdir -p l/dir m; cd l; mkfifo fifo; ln -s nothing link; printf abc > 'a b\n'; "
		   "ln -s /w/l /w/lost; chmod 700 .",
		   "");
	fd = open_one(&k, "/w/l", CORDON_FILE_DIRECTORY, 0, &item);
	MUST(cordon_directory_list(fd, 100, &listing, &err), &err);
	CHECK_EQ(listing.nentries, LENGTH(want));
	for (size_t i = 0; i < listing.nentries && i < LENGTH(want); i++) {
		CHECK_STR(listing.entries[i].name, want[i].name);
		CHECK_EQ(listing.entries[i].kind, want[i].kind);
		if (want[i].kind != CORDON_ENTRY_DIRECTORY)
			CHECK_EQ(listing.entries[i].size, want[i].size);
		CHECK(listing.entries[i].modified_ns > INT64_C(1600000000) * (int64_t)SEC);
	}
	CHECK_EQ(listing.truncated, 0);
	cordon_listing_done(&listing);
	close(fd);
	fd = open_one(&k, "/w/l", CORDON_FILE_DIRECTORY, 0, &item);
	MUST(cordon_directory_list(fd, 2, &listing, &err), &err);
	CHECK_EQ(listing.nentries, 2);
	CHECK_EQ(listing.truncated, 1);
	cordon_listing_done(&listing);
	close(fd);
	fd = open_one(&k, "/w/m", CORDON_FILE_DIRECTORY, 0, &item);
	MUST(cordon_directory_list(fd, 2, &listing, &err), &err);
	CHECK_EQ(listing.nentries, 0);
	cordon_listing_done(&listing);
	close(fd);
	expect_refused(&k, "/w/lost", CORDON_FILE_DIRECTORY, ELOOP);
	expect_refused(&k, "/w/none", CORDON_FILE_DIRECTORY, ENOENT);
	expect_refused(&k, "/w/l/link/x", CORDON_FILE_DIRECTORY, ELOOP);
	expect_refused(&k, "/w/l/fifo", CORDON_FILE_DIRECTORY, ENOTDIR);
	KEPT_CLOSE(&k);
}

/* Many names, in more blocks than one. */
static void a_large_directory_is_listed(void)
{
	struct cordon_error item, err;
	struct cordon_listing listing;
	struct kept k;
	int fd;

	ready(&k);
	KEPT_OPEN(&k);
	expect_run(&k, "mkdir many; cd many; for i in $(seq 10000 13999); do echo > a_name_that_is_not_short_$i; done",
		   "");
	fd = open_one(&k, "/w/many", CORDON_FILE_DIRECTORY, 0, &item);
	MUST(cordon_directory_list(fd, 100000, &listing, &err), &err);
	CHECK_EQ(listing.nentries, 4000);
	for (uint32_t i = 0; i < listing.nentries; i++) {
		char name[64];

		snprintf(name, sizeof name, "a_name_that_is_not_short_%u", 10000 + i);
		CHECK_STR(listing.entries[i].name, name);
	}
	cordon_listing_done(&listing);
	close(fd);
	KEPT_CLOSE(&k);
}

/* Neither the FIFO nor the device is opened: it would wait, or have an effect. */
static void only_regular_files_are_opened(void)
{
	struct kept k;

	ready(&k);
	KEPT_OPEN(&k);
	expect_run(&k,
		   "echo secret > plain; mkfifo fifo; ln -s plain link; ln -s / root; ln -s /w/dir there; mkdir dir; "
		   "echo x > dir/x; ln -s loop loop; "
		   "ln -s /proc/self/mem magic; ln -s nothing dangling; perl -MSocket -e "
		   "'socket(S,AF_UNIX,SOCK_STREAM,0); bind(S,sockaddr_un(\"sock\"))'; "
		   "chmod 000 plain; chmod 000 dir",
		   "");
	expect_open(&k, "/w/plain", "secret\n");
	expect_open(&k, "/w/dir/x", "x\n");
	expect_refused(&k, "/w/fifo", 0, EINVAL);
	expect_refused(&k, "/w/dir", 0, EINVAL);
	expect_refused(&k, "/w", 0, EINVAL);
	expect_refused(&k, "/", 0, EINVAL);
	expect_refused(&k, "/w/sock", 0, EINVAL);
	expect_refused(&k, "/dev/null", 0, EINVAL);
	expect_refused(&k, "/dev/tty", 0, EINVAL);
	expect_refused(&k, "/w/link", 0, ELOOP);
	expect_refused(&k, "/w/loop", 0, ELOOP);
	expect_refused(&k, "/w/dangling", 0, ELOOP);
	expect_refused(&k, "/w/magic", 0, ELOOP);
	expect_refused(&k, "/w/there/x", 0, ELOOP);
	expect_refused(&k, "/w/root/w/plain", 0, ELOOP);
	expect_refused(&k, "/proc/self/exe", 0, ELOOP);
	expect_refused(&k, "/proc/self/fd/0", 0, ELOOP);
	expect_refused(&k, "/w/none", 0, ENOENT);
	expect_refused(&k, "/w/plain/x", 0, ENOTDIR);
	expect_refused(&k, "/w/there/new", CORDON_FILE_CREATE, ELOOP);
	expect_refused(&k, "/w/root/tmp/new", CORDON_FILE_CREATE, ELOOP);
	expect_refused(&k, "/w/dangling/new", CORDON_FILE_CREATE, ELOOP);
	KEPT_CLOSE(&k);
}
ROOTLESS(only_regular_files_are_opened)

/* init's own secrets are not the host's to read by a path, but they must not come out by mistake either. */
static void proc_of_init_gives_nothing_away(void)
{
	static const char *const paths[] = { "/proc/1/mem", "/proc/1/environ", "/proc/1/maps", "/proc/kcore" };
	struct cordon_error item;
	struct kept k;

	ready(&k);
	KEPT_OPEN(&k);
	for (size_t i = 0; i < LENGTH(paths); i++) {
		int fd = open_one(&k, paths[i], 0, 0, &item);

		if (fd >= 0)
			close(fd); /* the host may look at its own init */
	}
	expect_run(&k, "echo fine", "fine\n");
	KEPT_CLOSE(&k);
}

static void odd_names_and_long_paths(void)
{
	static char path[4096], deep[4095];
	struct cordon_error item, err;
	struct kept k;
	int fd;

	ready(&k);
	KEPT_OPEN(&k);
	expect_made(&k, "/w/new\nline", 0, "1");
	expect_made(&k, "/w/\xff\xfe", 0, "2");
	expect_made(&k, "/w//double///slash", 0, "3");
	expect_open(&k, "/w/new\nline", "1");
	expect_open(&k, "/w/\xff\xfe", "2");
	expect_open(&k, "/w/double/slash", "3");
	memset(path, 'n', sizeof path);
	memcpy(path, "/w/", 3);
	path[3 + 255] = '\0';
	expect_made(&k, path, 0, "longest");
	expect_open(&k, path, "longest");
	path[3 + 255] = 'n';
	path[3 + 256] = '\0';
	fd = open_one(&k, path, CORDON_FILE_CREATE, 0, &item);
	CHECK_EQ(fd, -1);
	CHECK_EQ(item.err, ENAMETOOLONG);
	/* The longest path that there is, all of its parents made. */
	memset(deep, 'd', sizeof deep);
	memcpy(deep, "/w", 2);
	for (size_t i = 2; i < sizeof deep; i += 200)
		deep[i] = '/';
	deep[sizeof deep - 1] = '\0';
	if (deep[sizeof deep - 2] == '/')
		deep[sizeof deep - 2] = '\0';
	expect_made(&k, deep, 0, "deep");
	expect_open(&k, deep, "deep");
	expect_deleted(&k, deep, 0, 0);
	MUST(cordon_container_reset(k.c, &err), &err);
	expect_run(&k, "ls -A", "");
	KEPT_CLOSE(&k);
}

/* More names than one datagram holds: they travel in a memfd. */
static void long_names_by_the_hundred(void)
{
	static char paths[MANY][2100];
	static struct cordon_file files[MANY];
	static struct cordon_error items[MANY];
	struct cordon_error err;
	int fds[MANY];
	struct kept k;

	ready(&k);
	KEPT_OPEN(&k);
	for (int i = 0; i < MANY; i++) {
		size_t len = (size_t)snprintf(paths[i], sizeof paths[i], "/w/%d", i);

		while (len + 202 < sizeof paths[i]) {
			paths[i][len] = '/';
			memset(paths[i] + len + 1, 'n', 200);
			len += 201;
		}
		files[i] = (struct cordon_file){ .path = paths[i], .flags = CORDON_FILE_CREATE };
	}
	MUST(cordon_container_open_files(k.c, files, MANY, fds, items, &err), &err);
	for (int i = 0; i < MANY; i++) {
		CHECK_EQ(items[i].err, 0);
		CHECK(fds[i] >= 0);
		close(fds[i]);
		files[i].flags = 0;
	}
	MUST(cordon_container_delete_files(k.c, files, MANY, items, &err), &err);
	for (int i = 0; i < MANY; i++)
		CHECK_EQ(items[i].err, 0);
	expect_run(&k, "find . -type f | wc -l", "0\n");
	KEPT_CLOSE(&k);
}

static void delete_takes_files_links_and_empty_directories(void)
{
	struct kept k;

	ready(&k);
	KEPT_OPEN(&k);
	expect_run(&k,
		   "echo 1 > f; mkdir empty full locked; echo 2 > full/x; ln -s full link; ln -s / root; mkfifo fifo; "
		   "chmod 000 f empty; chmod 500 .",
		   "");
	expect_deleted(&k, "/w/f", 0, 0);
	expect_deleted(&k, "/w/empty", 0, 0);
	expect_deleted(&k, "/w/fifo", 0, 0);
	expect_deleted(&k, "/w/full", 0, ENOTEMPTY);
	expect_deleted(&k, "/w/link/x", 0, ELOOP);
	expect_deleted(&k, "/w/root/usr/bin/env", 0, ELOOP);
	expect_deleted(&k, "/w/link", CORDON_FILE_TREE, 0); /* the link, not what it names */
	expect_deleted(&k, "/w/root", CORDON_FILE_TREE, 0);
	expect_deleted(&k, "/w/none", 0, ENOENT);
	expect_deleted(&k, "/w/none", CORDON_FILE_TREE, ENOENT);
	expect_deleted(&k, "/usr/bin/env", 0, EROFS);
	expect_deleted(&k, "/w", 0, EROFS);
	expect_deleted(&k, "/dev/null", 0, EROFS);
	expect_run(&k, "chmod 755 .; ls; cat full/x", "full\nlocked\n2\n");
	expect_deleted(&k, "/w/full", CORDON_FILE_TREE, 0);
	expect_deleted(&k, "/w/locked", CORDON_FILE_TREE, 0);
	expect_run(&k, "ls", "");
	KEPT_CLOSE(&k);
}
ROOTLESS(delete_takes_files_links_and_empty_directories)

static void make_and_delete(struct kept *k, const char *const *argv, const char *tree)
{
	struct outcome o;

	kept_run(k, argv, &o);
	CHECK_OK(&o);
	outcome_done(&o);
	expect_deleted(k, tree, CORDON_FILE_TREE, 0);
	expect_run(k, "ls -A /w", "t\n");
}

static void delete_takes_hostile_trees(void)
{
	struct kept k;

	ready(&k);
	sandbox_mount_find(&k.s, "/w")->inodes = (uint64_t)test_rounds(200000);
	KEPT_OPEN(&k);
	expect_run(&k, "mkdir t", "");
	make_and_delete(&k,
			ARGV("/bin/sh", "-c", "mkdir x && /programs/dirt wide /w/x $((20000 / $0)) && chmod 000 x",
			     test_divisor()),
			"/w/x");
	make_and_delete(&k,
			ARGV("/bin/sh", "-c", "mkdir x && /programs/dirt deep /w/x $((5000 / $0)) && chmod 000 x",
			     test_divisor()),
			"/w/x");
	make_and_delete(&k,
			ARGV("/bin/sh", "-c", "mkdir x && /programs/dirt deep /w/x $((50000 / $0)) && chmod 000 x/d x",
			     test_divisor()),
			"/w/x");
	make_and_delete(&k, ARGV("/bin/sh", "-c", "mkdir x && /programs/dirt names /w/x && chmod 000 x"), "/w/x");
	make_and_delete(&k,
			ARGV("/bin/sh", "-c",
			     "mkdir x; cd x; for i in 0 1 2 3 4 5 6 7 8 9; do mkdir .cordon-$i; mkdir -p "
			     ".cordon-$i/.cordon-0/.cordon-1; echo x > "
			     ".cordon-$i/.cordon-0/f; done"),
			"/w/x");
	CHECK(settles(cordon_container_pid(k.c), 64, 0));
	KEPT_CLOSE(&k);
}
ROOTLESS(delete_takes_hostile_trees)

/* A bind inside of the tree stays, and what is in it as well. */
static void delete_stops_at_a_mount(void)
{
	char dir[] = "/tmp/cordon-test-XXXXXX", file[64];
	struct kept k;

	REQUIRE(mkdtemp(dir) != NULL && chmod(dir, 0777) == 0);
	snprintf(file, sizeof file, "%s/kept", dir);
	REQUIRE(file_write(file, "x", 1));
	ready(&k);
	sandbox_mount(&k.s, CORDON_MOUNT_BIND, 0, dir, "/w/data/in");
	KEPT_OPEN(&k);
	expect_run(&k, "echo x > file", "");
	expect_deleted(&k, "/w/data", CORDON_FILE_TREE, EBUSY);
	expect_run(&k, "cat data/in/kept file", "xx\n");
	CHECK_EQ(access(file, F_OK), 0);
	KEPT_CLOSE(&k);
	unlink(file);
	rmdir(dir);
}

static void links_are_made_for_the_program(void)
{
	static const struct cordon_file files[] = {
		{ .path = "/w/a", .text = "target" }, { .path = "/w/b", .text = "/absolute/\xff" },
		{ .path = "/w/a", .text = "again" },  { .path = "/usr/x", .text = "x" },
		{ .path = "/w/none/x", .text = "x" }, { .path = "/w/dir/x", .text = "x" },
	};
	static const int want[] = { 0, 0, EEXIST, EROFS, ENOENT, ELOOP };
	struct cordon_error err, items[LENGTH(files)];
	struct kept k;

	ready(&k);
	KEPT_OPEN(&k);
	expect_run(&k, "ln -s /tmp dir", "");
	MUST(cordon_container_symlink_files(k.c, files, LENGTH(files), items, &err), &err);
	for (size_t i = 0; i < LENGTH(files); i++) {
		CHECK_EQ(items[i].err, want[i]);
		CHECK_EQ(items[i].step, want[i] ? CORDON_STEP_SYMLINK : CORDON_STEP_NONE);
	}
	expect_run(&k, "readlink a; stat -c %u:%g a b; ls -A /tmp; rm a b", "target\n1000:1000\n1000:1000\n");
	KEPT_CLOSE(&k);
}
ROOTLESS(links_are_made_for_the_program)

/* A tmpfs that is full is an answer for each file, and no end of the container. */
static void a_full_tmpfs_is_an_error_of_the_file(void)
{
	struct cordon_error err;
	struct outcome o;
	struct kept k;

	ready(&k);
	sandbox_mount_find(&k.s, "/w")->inodes = 20;
	KEPT_OPEN(&k);
	kept_run(&k, ARGV(SUBJECT, "files", "100", "/w"), &o);
	outcome_done(&o);
	expect_refused(&k, "/w/one/more", CORDON_FILE_CREATE, ENOSPC);
	MUST(cordon_container_reset(k.c, &err), &err);
	expect_made(&k, "/w/one/more", 0, "x");
	KEPT_CLOSE(&k);
}

int main(int argc, char **argv)
{
	static const struct scenario list[] = {
		SCENARIO(two_hundred_files_in_one_command),
		SCENARIO(more_than_two_hundred_are_refused_and_two_commands_do),
		SCENARIO(malformed_requests_are_refused_before_they_are_sent),
		SCENARIO(a_new_file_has_the_mode_and_the_owner_asked_for),
		SCENARIO(what_exists_is_not_overwritten),
	SCENARIO(replacing_makes_a_new_file),
	SCENARIO(a_directory_is_listed),
	SCENARIO(a_large_directory_is_listed),
		SCENARIO(only_regular_files_are_opened),
		SCENARIO(proc_of_init_gives_nothing_away),
		SCENARIO(odd_names_and_long_paths),
		SCENARIO(long_names_by_the_hundred),
		SCENARIO(delete_takes_files_links_and_empty_directories),
		SCENARIO(delete_takes_hostile_trees),
		SCENARIO(delete_stops_at_a_mount),
		SCENARIO(links_are_made_for_the_program),
		SCENARIO(a_full_tmpfs_is_an_error_of_the_file),
		ROOTLESS_SCENARIO(two_hundred_files_in_one_command),
		ROOTLESS_SCENARIO(a_new_file_has_the_mode_and_the_owner_asked_for),
		ROOTLESS_SCENARIO(only_regular_files_are_opened),
		ROOTLESS_SCENARIO(delete_takes_files_links_and_empty_directories),
		ROOTLESS_SCENARIO(delete_takes_hostile_trees),
		ROOTLESS_SCENARIO(links_are_made_for_the_program),
	};

	return scenario_main(argc, argv, list, LENGTH(list));
}
