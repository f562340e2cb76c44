/* SPDX-License-Identifier: Apache-2.0 */
/* Files that are copied out by a pattern. The program chooses the names, how many there are, and what stands there:
 * nothing that it leaves may reach another file, here or there, or hold up the host. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>
#include "support/sandbox.h"

#define SH(script) ARGV("/bin/sh", "-ec", (script))
#define PLENTY (1 * MIB)

static struct sandbox s;

/* A pattern, kept in the result. */
static struct cordon_copy_out matching(const char *pattern)
{
	return (struct cordon_copy_out){
		.name = pattern, .limit_bytes = PLENTY, .flags = CORDON_COPY_PATTERN, .most = 1000
	};
}

static void run_with(const struct cordon_copy_out *items, uint32_t n, const char *script, struct outcome *o)
{
	sandbox_init(&s);
	s.command.copy_out = items;
	s.command.ncopy_out = n;
	sandbox_run(&s, SH(script), o);
}

static void run_pattern(const struct cordon_copy_out *item, const char *script, struct outcome *o)
{
	run_with(item, 1, script, o);
}

/* The names of what matched, each with a blank behind it. */
static const char *names_of(const struct cordon_copied *copied)
{
	static char text[8192];
	size_t at = 0;

	text[0] = '\0';
	for (uint32_t i = 0; i < copied->nfiles; i++)
		at += (size_t)snprintf(text + at, sizeof text - at, "%s ", copied->files[i].name);
	return text;
}

static void check_data(const struct cordon_copied_file *file, const char *want)
{
	if (file->data == NULL || file->len != strlen(want) || memcmp(file->data, want, file->len) != 0)
		TEST_FAIL("%s: \"%.*s\", not \"%s\"", file->name, (int)file->len, (const char *)file->data, want);
}

static void check_failed(const struct cordon_error *error, int want)
{
	if (error->step != CORDON_STEP_COPY_OUT || error->err != want || error->index != 0)
		TEST_FAIL("step %s, errno %d, index %d; not errno %d", cordon_step_name(error->step), error->err,
			  error->index, want);
}

/* ---- a directory of the host ---- */

static char host[64];

static void host_make(void)
{
	strcpy(host, "/tmp/cordon-test-XXXXXX");
	REQUIRE(mkdtemp(host) != NULL);
}

/* Two paths are valid at a time. */
static const char *below(const char *name)
{
	static char paths[2][4096];
	static int next;
	char *path = paths[next ^= 1];

	(void)snprintf(path, sizeof paths[0], "%s/%s", host, name);
	return path;
}

static int remove_one(const char *path, const struct stat *st, int kind, struct FTW *walk)
{
	(void)st;
	(void)kind;
	(void)walk;
	return remove(path);
}

static void host_remove(void)
{
	CHECK_EQ(nftw(host, remove_one, 8, FTW_DEPTH | FTW_PHYS), 0);
}

static void check_host_file(const char *name, const char *want)
{
	char *text = file_read(below(name));

	if (text == NULL)
		TEST_FAIL("%s is missing", name);
	else
		CHECK_STR(text, want);
	free(text);
}

static bool is_on_host(const char *name)
{
	struct stat st;

	return lstat(below(name), &st) == 0;
}

/* ---- what matches ---- */

static void files_that_match_come_out(void)
{
	static const struct {
		const char *pattern, *names;
	} rows[] = {
		{ "*.o", "a.o b.o " },
		{ "d/*.o", "d/c.o " },
		{ "**/*.o", "a.o b.o d/c.o d/e/f.o " },
		{ "d/**", "d/c.c d/c.o d/e/f.o " },
		{ ".h*", ".hidden " },
		{ "[!a].o", "b.o " },
		{ "/tmp/*", "/tmp/x " },
		{ "a.o", "a.o " },
		{ "*/e/?.o", "d/e/f.o " },
		{ "/w/d/*.c", "/w/d/c.c " },
	};

	for (size_t i = 0; i < LENGTH(rows); i++) {
		struct cordon_copy_out item = matching(rows[i].pattern);
		struct outcome o;

		run_pattern(&item,
			    "mkdir -p d/e d/.git; for f in a.o b.o d/c.o d/c.c d/e/f.o .hidden d/.git/g.o /tmp/x;"
			    " do echo $f > $f; done; ln -s a.o link.o; ln -s d linked; mkdir dir.o; mkfifo fifo.o",
			    &o);
		CHECK_OK(&o);
		CHECK_EQ(o.result->ncopied, 1);
		CHECK_STR(names_of(&o.result->copied[0]), rows[i].names);
		CHECK(o.result->copied[0].data == NULL && o.result->copied[0].truncated == 0);
		for (uint32_t k = 0; k < o.result->copied[0].nfiles; k++) {
			const struct cordon_copied_file *file = &o.result->copied[0].files[k];
			char want[64];

			(void)snprintf(want, sizeof want, "%s\n",
				       file->name + (strncmp(file->name, "/w/", 3) == 0 ? 3 : 0));
			check_data(file, want);
			CHECK_EQ(file->size, strlen(want));
		}
		outcome_done(&o);
	}
}

static void nothing_that_matches_is_an_error_of_its_own(void)
{
	static const struct {
		const char *pattern;
		int err;
	} rows[] = {
		{ "*.o", ENODATA },	 { "none/*.o", ENODATA }, { "none/a/*.o", ENODATA }, { "d/*", ENODATA },
		{ "d.o/*", ENODATA },	 { "link/*", ELOOP },	  { "up/etc/*", ELOOP },     { "file/*", ENOTDIR },
		{ "file/x/*", ENOTDIR }, { "link", ENODATA },	  { "d", ENODATA },	     { "/none*", ENODATA },
	};

	for (size_t i = 0; i < LENGTH(rows); i++) {
		struct cordon_copy_out item = matching(rows[i].pattern);
		const char *script = "mkdir d d.o; : > file; ln -s d link; ln -s .. up";
		struct outcome o;

		run_pattern(&item, script, &o);
		CHECK_STATUS(&o, CORDON_STATUS_FILE_ERROR, CORDON_CAUSE_NONE);
		CHECK_EQ(o.result->copied[0].nfiles, 0);
		if (o.result->copied[0].error.err != rows[i].err)
			TEST_FAIL("%s:", rows[i].pattern);
		check_failed(&o.result->copied[0].error, rows[i].err);
		outcome_done(&o);
		item.flags |= CORDON_COPY_OPTIONAL;
		run_pattern(&item, script, &o);
		CHECK_STATUS(&o, rows[i].err == ENODATA ? CORDON_STATUS_OK : CORDON_STATUS_FILE_ERROR,
			     CORDON_CAUSE_NONE);
		outcome_done(&o);
	}
}

/* More than one command opens, in more directories than one command opens; beside files that have a name. */
static void many_come_out(void)
{
	struct cordon_copy_out items[] = {
		{ .name = "missing", .limit_bytes = 10 }, matching("*/f*"),
		{ .name = "named", .limit_bytes = 10 },	  matching("1*/f*"),
		{ .name = "short", .limit_bytes = 2 },
	};
	struct outcome o;

	run_with(items, LENGTH(items),
		 "for d in $(seq 100 299); do mkdir $d; for f in 1 2 3; do echo $d > $d/f$f; done; done;"
		 " echo named > named; echo long > short",
		 &o);
	CHECK_STATUS(&o, CORDON_STATUS_FILE_ERROR, CORDON_CAUSE_NONE);
	CHECK_EQ(o.result->copied[0].error.err, ENOENT);
	CHECK_EQ(o.result->copied[0].error.index, 0);
	CHECK_EQ(o.result->copied[1].nfiles, 600);
	CHECK_EQ(o.result->copied[1].size, 2400);
	for (uint32_t i = 0; i < o.result->copied[1].nfiles; i++) {
		char name[16], data[16];

		(void)snprintf(name, sizeof name, "%u/f%u", 100 + i / 3, 1 + i % 3);
		(void)snprintf(data, sizeof data, "%u\n", 100 + i / 3);
		CHECK_STR(o.result->copied[1].files[i].name, name);
		check_data(&o.result->copied[1].files[i], data);
	}
	CHECK(o.result->copied[2].len == 6 && o.result->copied[2].nfiles == 0);
	CHECK_EQ(o.result->copied[3].nfiles, 300);
	CHECK_EQ(o.result->copied[4].error.err, EFBIG);
	CHECK_EQ(o.result->copied[4].error.index, 4);
	outcome_done(&o);
}

/* ---- bounds ---- */

static void the_number_of_files_has_a_bound(void)
{
	struct cordon_copy_out item = matching("*");
	struct outcome o;

	item.most = 5;
	run_pattern(&item, "touch a b c d e", &o);
	CHECK_OK(&o);
	CHECK_STR(names_of(&o.result->copied[0]), "a b c d e ");
	outcome_done(&o);
	run_pattern(&item, "touch a b c d e f", &o);
	CHECK_STATUS(&o, CORDON_STATUS_FILE_ERROR, CORDON_CAUSE_NONE);
	check_failed(&o.result->copied[0].error, E2BIG);
	CHECK_EQ(o.result->copied[0].nfiles, 0);
	outcome_done(&o);
	item.flags |= CORDON_COPY_TRUNCATE;
	run_pattern(&item, "touch a b c d e f", &o);
	CHECK_OK(&o);
	CHECK_EQ(o.result->copied[0].nfiles, 5);
	CHECK_EQ(o.result->copied[0].truncated, 1);
	outcome_done(&o);
}

/* One that is too large leaves room for those that are not. */
static void the_bytes_of_all_files_have_a_bound(void)
{
	struct cordon_copy_out item = matching("*");
	struct outcome o;

	item.limit_bytes = 10;
	run_pattern(&item, "printf 12345 > a; printf 123456 > b; printf 12345 > c; : > d", &o);
	CHECK_STATUS(&o, CORDON_STATUS_FILE_ERROR, CORDON_CAUSE_NONE);
	CHECK_STR(names_of(&o.result->copied[0]), "a b c d ");
	check_failed(&o.result->copied[0].error, EFBIG);
	check_failed(&o.result->copied[0].files[1].error, EFBIG);
	CHECK_EQ(o.result->copied[0].files[1].len, 0);
	check_data(&o.result->copied[0].files[0], "12345");
	check_data(&o.result->copied[0].files[2], "12345");
	check_data(&o.result->copied[0].files[3], "");
	outcome_done(&o);
	item.flags |= CORDON_COPY_TRUNCATE;
	run_pattern(&item, "printf 12345 > a; printf 123456 > b; printf 12345 > c; : > d", &o);
	CHECK_OK(&o);
	check_data(&o.result->copied[0].files[1], "12345");
	check_data(&o.result->copied[0].files[2], "");
	CHECK_EQ(o.result->copied[0].files[1].truncated, 1);
	CHECK_EQ(o.result->copied[0].files[0].truncated, 0);
	CHECK_EQ(o.result->copied[0].truncated, 1);
	CHECK_EQ(o.result->copied[0].size, 16);
	outcome_done(&o);
}

static void a_sparse_file_is_no_larger_than_its_bound(void)
{
	struct cordon_copy_out item = matching("*");
	struct outcome o;
	uint64_t before = rss_bytes();

	run_pattern(&item, "truncate -s 60M sparse", &o);
	check_failed(&o.result->copied[0].error, EFBIG);
	outcome_done(&o);
	item.flags |= CORDON_COPY_TRUNCATE;
	run_pattern(&item, "truncate -s 60M sparse", &o);
	CHECK_OK(&o);
	CHECK_EQ(o.result->copied[0].files[0].len, PLENTY);
	CHECK_EQ(o.result->copied[0].files[0].size, 60 * MIB);
	outcome_done(&o);
	CHECK(rss_bytes() < before + 32 * MIB);
}

/* What is looked at is bounded, whether it matches or not. */
static void a_huge_directory_is_not_read_to_its_end(void)
{
	static const char *const patterns[] = { "d/x*", "d/f1", "**/none", "*/*" };

	for (size_t i = 0; i < LENGTH(patterns); i++) {
		struct cordon_copy_out item = matching(patterns[i]);
		struct outcome o;

		run_pattern(&item, "mkdir d; cd d; seq -f f%.0f 40000 | xargs touch", &o);
		CHECK_STATUS(&o, CORDON_STATUS_FILE_ERROR, CORDON_CAUSE_NONE);
		check_failed(&o.result->copied[0].error, E2BIG);
		outcome_done(&o);
	}
}

static void many_directories_are_not_read_to_their_end(void)
{
	struct cordon_copy_out item = matching("**/none");
	struct outcome o;

	run_pattern(&item, "seq -f d%.0f 40000 | xargs mkdir", &o);
	check_failed(&o.result->copied[0].error, E2BIG);
	outcome_done(&o);
}

/* Deeper than any path can be long: built from its end, as no path reaches that. */
static void a_deep_tree_ends(void)
{
	struct cordon_copy_out item = matching("**/f");
	struct outcome o;

	run_pattern(
		&item,
		"n=$(printf 'x%.0s' $(seq 200)); mkdir t; for i in $(seq 40); do mkdir n; : > n/f; mv t n/$n; mv n t; "
		"done",
		&o);
	CHECK_OK(&o);
	CHECK(o.result->copied[0].nfiles >= 18 && o.result->copied[0].nfiles <= 21);
	outcome_done(&o);
}

/* ---- names ---- */

static void names_of_any_bytes_come_out(void)
{
	struct cordon_copy_out item = matching("*");
	static const char *const names[] = {
		" ", "\n", "\033[2J", "*", "-rf", "?", "[a]", "\\", "a\nb", "\xff\xfe", "~"
	};
	struct outcome o;
	uint32_t found = 0;

	host_make();
	item.path = host;
	run_pattern(&item,
		    "for f in ' ' '\n' \"$(printf '\\033[2J')\" '*' -rf '?' "
		    "'[a]' '\\' 'a\nb' \"$(printf '\\377\\376')\" '~';"
		    " do echo x > ./\"$f\"; done",
		    &o);
	CHECK_OK(&o);
	CHECK_EQ(o.result->copied[0].nfiles, LENGTH(names));
	for (size_t i = 0; i < LENGTH(names); i++) {
		for (uint32_t k = 0; k < o.result->copied[0].nfiles; k++)
			found += strcmp(o.result->copied[0].files[k].name, names[i]) == 0;
		check_host_file(names[i], "x\n");
	}
	CHECK_EQ(found, LENGTH(names));
	outcome_done(&o);
	host_remove();
}

static void what_is_closed_to_others_comes_out_or_holds_nothing(void)
{
	struct cordon_copy_out item = matching("**");
	struct outcome o;

	run_pattern(&item, "mkdir open closed; echo x > open/f; echo x > closed/f; echo x > g; chmod 0 closed g", &o);
	CHECK(o.ran);
	CHECK(strstr(names_of(&o.result->copied[0]), "open/f ") != NULL);
	outcome_done(&o);
}

/* ---- to the host ---- */

static void files_go_below_a_directory_of_the_host(void)
{
	struct cordon_copy_out item = matching("d/**/*.o");
	struct outcome o;

	host_make();
	item.path = strdup(below("new"));
	run_pattern(&item, "mkdir -p d/e/f; echo a > d/a.o; echo b > d/e/f/b.o; echo c > d/c.c", &o);
	CHECK_OK(&o);
	CHECK_STR(names_of(&o.result->copied[0]), "d/a.o d/e/f/b.o ");
	CHECK(o.result->copied[0].files[0].data == NULL && o.result->copied[0].files[0].size == 2);
	check_host_file("new/a.o", "a\n");
	check_host_file("new/e/f/b.o", "b\n");
	CHECK(!is_on_host("new/c.c"));
	outcome_done(&o);
	/* Not again, but on request. */
	run_pattern(&item, "mkdir d; echo more > d/a.o; echo x > d/x.o", &o);
	CHECK_STATUS(&o, CORDON_STATUS_FILE_ERROR, CORDON_CAUSE_NONE);
	check_failed(&o.result->copied[0].files[0].error, EEXIST);
	check_host_file("new/a.o", "a\n");
	check_host_file("new/x.o", "x\n");
	outcome_done(&o);
	item.flags |= CORDON_COPY_REPLACE;
	run_pattern(&item, "mkdir d; echo more > d/a.o", &o);
	CHECK_OK(&o);
	check_host_file("new/a.o", "more\n");
	outcome_done(&o);
	free((void *)(uintptr_t)item.path);
	host_remove();
}

static void no_link_of_the_host_is_followed(void)
{
	struct cordon_copy_out item = matching("**");
	struct outcome o;

	for (int i = 0; i < 2; i++) {
		host_make();
		REQUIRE(mkdir(below("in"), 0755) == 0 && mkdir(below("out"), 0755) == 0);
		REQUIRE(symlink("../out", below("in/dir")) == 0 && symlink("../out/target", below("in/link")) == 0);
		REQUIRE(mkfifo(below("in/fifo"), 0600) == 0 && mkdir(below("in/taken"), 0755) == 0);
		REQUIRE(file_write(below("in/name"), "", 0) && link(below("in/name"), below("out/other")) == 0);
		item.path = strdup(below("in"));
		item.flags = CORDON_COPY_PATTERN | (i == 1 ? CORDON_COPY_REPLACE : 0);
		run_pattern(&item, "mkdir dir; for f in dir/x link fifo taken name fine; do echo $f > $f; done", &o);
		CHECK_STATUS(&o, CORDON_STATUS_FILE_ERROR, CORDON_CAUSE_NONE);
		CHECK_EQ(o.result->copied[0].nfiles, 6);
		CHECK(!is_on_host("out/x") && !is_on_host("out/target"));
		check_host_file("out/other", "");
		check_host_file("in/fine", "fine\n");
		if (i == 1) {
			check_host_file("in/link", "link\n");
			check_host_file("in/fifo", "fifo\n");
			check_host_file("in/name", "name\n");
		}
		outcome_done(&o);
		free((void *)(uintptr_t)item.path);
		host_remove();
	}
}

/* The host's own failure is not taken for a pattern that matches nothing. */
static void a_directory_of_the_host_that_cannot_be_made_is_an_error(void)
{
	struct cordon_copy_out item = matching("*");
	struct outcome o;

	item.flags |= CORDON_COPY_OPTIONAL;
	item.path = "/no/such/directory";
	run_pattern(&item, "echo x > x", &o);
	CHECK_STATUS(&o, CORDON_STATUS_FILE_ERROR, CORDON_CAUSE_NONE);
	check_failed(&o.result->copied[0].error, ENOENT);
	outcome_done(&o);
	run_pattern(&item, "true", &o);
	CHECK_OK(&o);
	outcome_done(&o);
	item = (struct cordon_copy_out){
		.name = "x", .path = "/no/such/x", .limit_bytes = 10, .flags = CORDON_COPY_OPTIONAL
	};
	run_pattern(&item, "echo x > x", &o);
	CHECK_STATUS(&o, CORDON_STATUS_FILE_ERROR, CORDON_CAUSE_NONE);
	outcome_done(&o);
}

/* ---- containers ---- */

static void a_kept_container_is_the_same_each_time(void)
{
	struct cordon_copy_out item = matching("out/*");
	struct outcome o;
	struct kept k;

	sandbox_init(&k.s);
	k.s.command.copy_out = &item;
	k.s.command.ncopy_out = 1;
	KEPT_OPEN(&k);
	for (int i = 0; i < 5; i++) {
		kept_start(&k, SH("mkdir out; echo 1 > out/a; echo 2 > out/b"), CORDON_RUN_RESET, &o);
		outcome_wait(&o);
		CHECK_OK(&o);
		CHECK_STR(names_of(&o.result->copied[0]), "out/a out/b ");
		outcome_done(&o);
	}
	kept_run(&k, SH("true"), &o);
	check_failed(&o.result->copied[0].error, ENODATA);
	outcome_done(&o);
	KEPT_CLOSE(&k);
}

/* A program beside it puts links and directories in the place of what is being read. */
static void entries_that_are_swapped_lead_nowhere(void)
{
	struct cordon_copy_out item = matching("d/**");
	struct cordon_container *sidecar = NULL, *own;
	struct cordon_error err;
	struct outcome swaps, o;
	struct kept k;
	int rounds = test_rounds(200);

	sandbox_init(&k.s);
	k.s.config.shared = 1;
	k.s.command.limits.cpu_time_ns = 20 * SEC;
	KEPT_OPEN(&k);
	MUST(cordon_container_sidecar(k.c, &sidecar, &err), &err);
	own = k.c;
	k.c = sidecar;
	kept_start(
		&k,
		SH("mkdir -p d e; echo own > e/x; cd d; while :; do ln -sf /etc/hostname x; "
		   "ln -sfn /etc y; rm y; mkdir y;"
		   " echo own > n; mv -f n x; echo own > y/hostname; rm -rf y; mv -T ../e y; mv -T y ../e; done"),
		0, &swaps);
	k.c = own;
	k.s.command.copy_out = &item;
	k.s.command.ncopy_out = 1;
	for (int i = 0; i < rounds; i++) {
		kept_run(&k, SH("true"), &o);
		CHECK(o.ran);
		for (uint32_t n = 0; o.ran && n < o.result->copied[0].nfiles; n++) {
			const struct cordon_copied_file *file = &o.result->copied[0].files[n];

			if (file->error.step != CORDON_STEP_NONE)
				CHECK(file->error.err == ELOOP || file->error.err == ENOTDIR ||
				      file->error.err == EINVAL);
			else if (file->len > 0)
				check_data(file, "own\n");
		}
		outcome_done(&o);
	}
	cordon_run_cancel(swaps.run);
	outcome_wait(&swaps);
	CHECK_STATUS(&swaps, CORDON_STATUS_CANCELLED, CORDON_CAUSE_NONE);
	outcome_done(&swaps);
	cordon_container_free(sidecar);
	KEPT_CLOSE(&k);
}

/* At any moment of the search, which takes many messages. */
static void cancelled_at_many_moments(void)
{
	struct cordon_copy_out item = matching("**/f");
	int rounds = test_rounds(60);

	for (int i = 0; i < rounds; i++) {
		struct timespec wait = { 0, 200000L * i };
		struct outcome o;

		sandbox_init(&s);
		s.command.copy_out = &item;
		s.command.ncopy_out = 1;
		sandbox_open(&s, SH("for a in 1 2 3 4 5 6 7 8; do mkdir -p $a/$a/$a/$a/$a/$a; : > $a/$a/f; done"), &o);
		nanosleep(&wait, NULL);
		cordon_run_cancel(o.run);
		outcome_wait(&o);
		CHECK(o.ran);
		CHECK(o.result->copied[0].nfiles <= 8);
		outcome_done(&o);
	}
}

static void patterns_that_are_refused(void)
{
	static const char *const bad[] = { "[", "a//*", "*/", "\\" };

	for (size_t i = 0; i < LENGTH(bad); i++) {
		struct cordon_copy_out items[] = { { .name = "x", .limit_bytes = 1 }, matching(bad[i]) };
		struct outcome o;

		run_with(items, 2, "true", &o);
		CHECK_ERROR(&o, CORDON_STEP_VALIDATE, 0);
		CHECK_EQ(o.err.index, 1);
		outcome_done(&o);
	}
}

int main(int argc, char **argv)
{
	static const struct scenario list[] = {
		SCENARIO(files_that_match_come_out),
		SCENARIO(nothing_that_matches_is_an_error_of_its_own),
		SCENARIO(many_come_out),
		SCENARIO(the_number_of_files_has_a_bound),
		SCENARIO(the_bytes_of_all_files_have_a_bound),
		SCENARIO(a_sparse_file_is_no_larger_than_its_bound),
		SCENARIO(a_huge_directory_is_not_read_to_its_end),
		SCENARIO(many_directories_are_not_read_to_their_end),
		SCENARIO(a_deep_tree_ends),
		SCENARIO(names_of_any_bytes_come_out),
		SCENARIO(what_is_closed_to_others_comes_out_or_holds_nothing),
		SCENARIO(files_go_below_a_directory_of_the_host),
		SCENARIO(no_link_of_the_host_is_followed),
		SCENARIO(a_directory_of_the_host_that_cannot_be_made_is_an_error),
		SCENARIO(a_kept_container_is_the_same_each_time),
		SCENARIO(entries_that_are_swapped_lead_nowhere),
		SCENARIO(cancelled_at_many_moments),
		SCENARIO(patterns_that_are_refused),
	};

	return scenario_main(argc, argv, list, LENGTH(list));
}
