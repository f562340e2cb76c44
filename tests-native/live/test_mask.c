/* SPDX-License-Identifier: Apache-2.0 */
/* What a path policy takes away below what it gives, seen from inside: mounts hold it, with and without a
 * supervisor. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include "support/supervised.h"

#define CALLS "/programs/calls"
#define ALL (ACCESS_RX | CORDON_ACCESS_WRITE)
#define SOMEBODY 65533

static const struct cordon_copy_in files[] = {
	{ .name = "/tmp/secret/s", .data = "secret\n", .data_len = 7 },
	{ .name = "/tmp/secret/sub/t", .data = "secret\n", .data_len = 7 },
	{ .name = "/tmp/open/o", .data = "open\n", .data_len = 5 },
	{ .name = "/tmp/file", .data = "secret\n", .data_len = 7 },
	{ .name = "/w/a/b/c/d/e/f", .data = "deep\n", .data_len = 5 },
	{ .name = "/w/a/b/c/d/n", .data = "not so deep\n", .data_len = 12 },
};

/* Everything is allowed, but for what a test denies. */
static void everything(struct supervised *v, uint32_t engine)
{
	supervised_init(v, engine);
	v->s.command.copy_in = files;
	v->s.command.ncopy_in = LENGTH(files);
	supervised_path(v, "/", CORDON_PATH_TREE, ALL);
}

static uint32_t engine_of(uint32_t asked)
{
	return asked == CORDON_ENGINE_AUTO ? CORDON_ENGINE_KERNEL : asked;
}

static void run_for(struct supervised *v, const char *const *argv, const char *want)
{
	struct outcome o;

	sandbox_run(&v->s, argv, &o);
	CHECK_OK(&o);
	CHECK_OUT(&o, want);
	CHECK_STR(o.errout, "");
	CHECK_EQ(o.result->file_policy, CORDON_FILE_POLICY_ENFORCED);
	CHECK((o.result->layers & CORDON_LAYER_BIT(CORDON_LAYER_PATH_POLICY)) != 0);
	outcome_done(&o);
}

/* AUTO needs no supervisor for a policy that only denies. */
#define EACH_ENGINE(body)                                                                                          \
	static void body##_auto(void)                                                                              \
	{                                                                                                          \
		body(CORDON_ENGINE_AUTO);                                                                          \
	}                                                                                                          \
	BOTH_ENGINES(body)
#define EACH_SCENARIO(body) SCENARIO(body##_auto), BOTH_SCENARIOS(body)

/* ---- hidden ---- */

static void a_denied_tree_gives_nothing(uint32_t engine)
{
	static const char *const calls[] = {
		"openat", "read", "stat", "lstat", "statx", "access", "unlink", "mkdir", "create", "chmod", "chown",
		"truncate", "utimes", "setxattr", "getxattr", "inotify", "exec", "mkfifo", "readlink", "rmdir", "chdir",
		"connect", "listen",
	};
	static const char *const names[] = { "/tmp/secret/s", "/tmp/secret/sub/t", "/tmp/secret/none",
					     "/tmp/open/../secret/s",
					     "/proc/self/root/tmp/secret/s", "/w/link/s" };
	const char *argv[LENGTH(calls) * LENGTH(names) * 3 + 6] = { CALLS, "symlink", "/tmp/secret", "/w/link", "," };
	char want[8192] = "symlink=0\n";
	struct supervised v;
	struct outcome o;
	size_t n = 5;

	for (size_t i = 0; i < LENGTH(calls) * LENGTH(names); i++) {
		const char *call = calls[i % LENGTH(calls)];

		argv[n++] = call;
		argv[n++] = names[i / LENGTH(calls)];
		argv[n++] = ",";
		(void)snprintf(want + strlen(want), sizeof want - strlen(want), "%s=%d\n", call, EACCES);
	}
	everything(&v, engine);
	supervised_path(&v, "/tmp/secret", CORDON_PATH_TREE, 0);
	sandbox_run(&v.s, argv, &o);
	CHECK_OK(&o);
	CHECK_OUT(&o, want);
	CHECK_EQ(o.result->engine, engine_of(engine));
	CHECK_EQ(o.result->file_policy, CORDON_FILE_POLICY_ENFORCED);
	if (engine == CORDON_ENGINE_AUTO)
		CHECK_EQ(o.result->events_total, 0);
	else
		CHECK(o.result->events_total >= LENGTH(calls));
	outcome_done(&o);
}
EACH_ENGINE(a_denied_tree_gives_nothing)

static void a_denied_file_gives_nothing(uint32_t engine)
{
	struct supervised v;

	everything(&v, engine);
	supervised_path(&v, "/tmp/file", CORDON_PATH_TREE, 0);
	supervised_path(&v, "/dev/null", CORDON_PATH_TREE, 0);
	run_for(&v,
		ARGV(CALLS, "read", "/tmp/file", ",", "openat", "/tmp/file", "1", ",", "openat", "/tmp/file", "2", ",",
		     "openat", "/dev/null", "1", ",", "exec", "/tmp/file", ",", "connect", "/tmp/file", ",", "read",
		     "/tmp/open/o"),
		"read=13\nopenat=13\nopenat=13\nopenat=13\nexec=13\nconnect=13\ntext=open\nread=0\n");
}
EACH_ENGINE(a_denied_file_gives_nothing)

/* Neither by the name of the script nor by that of the program: the kernel opens these itself. */
static void a_denied_interpreter_does_not_run(uint32_t engine)
{
	struct supervised v;
#ifdef __x86_64__
	char *loader = realpath("/lib64/ld-linux-x86-64.so.2", NULL);
#else
	char *loader = realpath("/lib/ld-linux-aarch64.so.1", NULL);
#endif

	REQUIRE(loader != NULL);
	everything(&v, engine);
	supervised_path(&v, "/usr/bin/env", CORDON_PATH_TREE, 0);
	run_for(&v,
		ARGV(CALLS, "script", "/usr/bin/true", "/w/s", ",", "script", "/usr/bin/env", "/w/s", ",", "script",
		     "/usr/../bin/env", "/w/s", ",", "exec", "/usr/bin/env"),
		"script=0\nscript=13\nscript=13\nexec=13\n");
	everything(&v, engine);
	sandbox_mount(&v.s, CORDON_MOUNT_BIND, 0, loader, "/loader/ld.so");
	run_for(&v, ARGV(CALLS, "exec", "/programs/own_loader"), "exec=0\n");
	supervised_path(&v, "/loader", CORDON_PATH_TREE, 0);
	run_for(&v, ARGV(CALLS, "exec", "/programs/own_loader"), "exec=13\n");
	free(loader);
}
EACH_ENGINE(a_denied_interpreter_does_not_run)

/* A tree that is allowed below one that is denied, and so on. */
static void rules_are_nested(uint32_t engine)
{
	struct supervised v;

	everything(&v, engine);
	supervised_path(&v, "/w/a", CORDON_PATH_TREE, 0);
	supervised_path(&v, "/w/a/b/c/d", CORDON_PATH_TREE, ALL);
	supervised_path(&v, "/w/a/b/c/d/e", CORDON_PATH_TREE, 0);
	supervised_path(&v, "/w/a/b/c/d/e/f", CORDON_PATH_TREE, ALL);
	run_for(&v,
		ARGV(CALLS, "read", "/w/a/b/c/d/e/f", ",", "openat", "/w/a/b/c/d/e/f", "2", ",", "read", "/w/a/b/c/d/n",
		     ",", "create", "/w/a/b/c/d/new", ",", "read", "/w/a", ",", "read", "/w/a/b", ",", "read",
		     "/w/a/b/c/d/e", ",", "stat", "/w/a/b", ",", "stat", "/w/a/b/c/d/e"),
		"text=deep\nread=0\nopenat=0\ntext=not so deep\nread=0\ncreate=0\nread=13\nread=13\nread=13\nstat=0\n"
		"stat=0\n");
	run_for(&v, ARGV(CALLS, "mkdir", "/w/a/b/x", ",", "read", "/w/a/x/y"),
		engine == CORDON_ENGINE_AUTO ? "mkdir=30\nread=2\n" : "mkdir=13\nread=13\n");
}
EACH_ENGINE(rules_are_nested)

static void many_rules(uint32_t engine)
{
	static struct cordon_path_rule rules[501];
	static char paths[500][32];
	struct supervised v;

	everything(&v, engine);
	rules[0] = v.paths[0];
	for (size_t i = 0; i < LENGTH(paths); i++) {
		(void)snprintf(paths[i], sizeof paths[i], "/usr/share/none/%zu", i);
		rules[i + 1] = (struct cordon_path_rule){ paths[i], CORDON_PATH_TREE, 0 };
	}
	(void)snprintf(paths[499], sizeof paths[499], "/tmp/secret");
	v.supervisor.paths = rules;
	v.supervisor.npaths = LENGTH(rules);
	run_for(&v, ARGV(CALLS, "read", "/tmp/secret/s", ",", "read", "/tmp/open/o"), "read=13\ntext=open\nread=0\n");
}
EACH_ENGINE(many_rules)

/* ---- less, but something ---- */

static void a_tree_without_write_is_read_only(uint32_t engine)
{
	struct supervised v;

	everything(&v, engine);
	supervised_path(&v, "/tmp", CORDON_PATH_TREE, ACCESS_RX);
	supervised_path(&v, "/tmp/open", CORDON_PATH_TREE, ALL);
	run_for(&v,
		ARGV(CALLS, "read", "/tmp/file", ",", "openat", "/tmp/file", "1", ",", "unlink", "/tmp/file", ",",
		     "chmod", "/tmp/file", ",", "create", "/tmp/new", ",", "create", "/tmp/open/new", ",", "unlink",
		     "/tmp/open/o", ",", "rename", "/tmp/file", "/tmp/open/x"),
		"text=secret\nread=0\nopenat=13\nunlink=13\nchmod=13\ncreate=13\ncreate=0\nunlink=0\nrename=13\n");
}
BOTH_ENGINES(a_tree_without_write_is_read_only)

static void a_tree_without_exec_runs_nothing(uint32_t engine)
{
	struct supervised v;

	everything(&v, engine);
	supervised_path(&v, "/w", CORDON_PATH_TREE, ACCESS_RW);
	supervised_path(&v, "/usr/bin/env", CORDON_PATH_TREE, CORDON_ACCESS_READ);
	run_for(&v,
		ARGV(CALLS, "script", "/usr/bin/true", "/w/s", ",", "script", "/usr/bin/true", "/tmp/s", ",", "script",
		     "/usr/bin/env", "/tmp/s", ",", "openat", "/usr/bin/env", "0"),
		"script=13\nscript=0\nscript=13\nopenat=0\n");
}
BOTH_ENGINES(a_tree_without_exec_runs_nothing)

/* ---- the way to a mask ---- */

static void nothing_above_a_mask_is_moved(uint32_t engine)
{
	struct supervised v;

	everything(&v, engine);
	supervised_path(&v, "/w/a/b/c", CORDON_PATH_TREE, 0);
	supervised_path(&v, "/tmp/secret", CORDON_PATH_TREE, 0);
	sandbox_mount(&v.s, CORDON_MOUNT_TMPFS, 0, NULL, "/other");
	run_for(&v,
		ARGV("/bin/sh", "-c",
		     "for p in /w/a /w/a/b /w/a/b/c /tmp/secret; do mv -T $p $p.x 2>/dev/null && echo moved $p; "
		     "rmdir $p 2>/dev/null && echo removed $p; "
		     "mv -T --exchange $p /tmp/open 2>/dev/null && echo exchanged $p; done; "
		     "ln /tmp/secret/s /tmp/l 2>/dev/null && echo linked; "
		     "mkdir /tmp/n && mv /tmp/n /tmp/m && mkdir -p /w/a/k && ls /tmp /w/a"),
		"/tmp:\nfile\nm\nopen\nsecret\n\n/w/a:\nb\nk\n");
}
EACH_ENGINE(nothing_above_a_mask_is_moved)

/* The same directory at two places: by either name the mount point stays, and each place has its own rules. */
static void another_place_has_its_own_rules(uint32_t engine)
{
	char dir[] = "/tmp/cordon-mask-XXXXXX", path[64];
	struct supervised v;

	REQUIRE(mkdtemp(dir) != NULL);
	(void)snprintf(path, sizeof path, "%s/inner", dir);
	REQUIRE(mkdir(path, 0777) == 0 && chmod(dir, 0777) == 0 && chmod(path, 0777) == 0);
	everything(&v, engine);
	sandbox_mount(&v.s, CORDON_MOUNT_BIND, CORDON_MOUNT_RW, dir, "/one");
	sandbox_mount(&v.s, CORDON_MOUNT_BIND, CORDON_MOUNT_RW, dir, "/two");
	supervised_path(&v, "/one/inner", CORDON_PATH_TREE, 0);
	run_for(&v,
		ARGV(CALLS, "create", "/two/inner/x", ",", "openat", "/two/inner/x", "0", ",", "openat", "/one/inner/x",
		     "0", ",", "create", "/one/inner/y", ",", "rename", "/two/inner", "/two/away", ",", "unlink",
		     "/two/inner/x", ",", "rmdir", "/two/inner", ",", "stat", "/one"),
		"create=0\nopenat=0\nopenat=13\ncreate=13\nrename=16\nunlink=0\nrmdir=16\nstat=0\n");
	CHECK(rmdir(path) == 0 && rmdir(dir) == 0);
}
EACH_ENGINE(another_place_has_its_own_rules)

static void mount_points_are_masked(uint32_t engine)
{
	struct supervised v;

	everything(&v, engine);
	supervised_path(&v, "/proc/sys", CORDON_PATH_TREE, 0);
	supervised_path(&v, "/dev/shm", CORDON_PATH_TREE, 0);
	supervised_path(&v, "/tmp", CORDON_PATH_TREE, 0);
	run_for(&v,
		ARGV(CALLS, "read", "/proc/sys/kernel/ostype", ",", "read", "/proc/self/root/proc/sys/kernel/ostype",
		     ",", "create", "/dev/shm/x", ",", "create", "/tmp/x", ",", "stat", "/proc/self/status", ",",
		     "read", "/proc/self/cwd/../tmp/file"),
		"read=13\nread=13\ncreate=13\ncreate=13\nstat=0\nread=13\n");
}
EACH_ENGINE(mount_points_are_masked)

/* ---- what is not there ---- */

static void a_missing_path_is_covered_or_said(uint32_t engine)
{
	struct supervised v;
	struct outcome o;

	everything(&v, engine);
	supervised_path(&v, "/usr/none/such", CORDON_PATH_TREE, 0);	/* read-only: it cannot be made */
	run_for(&v, ARGV(CALLS, "stat", "/usr/none"), "stat=2\n");
	supervised_path(&v, "/w/later", CORDON_PATH_TREE, 0);
	sandbox_run(&v.s, ARGV(CALLS, "mkdir", "/w/later"), &o);
	CHECK_OK(&o);
	CHECK_EQ(o.result->file_policy,
		 engine == CORDON_ENGINE_NOTIFY ? CORDON_FILE_POLICY_ENFORCED : CORDON_FILE_POLICY_ADVISORY);
	if (engine != CORDON_ENGINE_AUTO)
		CHECK_OUT(&o, "mkdir=13\n");
	outcome_done(&o);
}
EACH_ENGINE(a_missing_path_is_covered_or_said)

/* ---- required ---- */

static void refused_for_the_policy(struct supervised *v)
{
	struct outcome o;

	sandbox_run(&v->s, ARGV(CALLS, "getppid"), &o);
	CHECK(!o.ran);
	CHECK_EQ(o.err.step, CORDON_STEP_LAYER);
	CHECK(o.err.detail_len == 11 && memcmp(o.err.detail, "path-policy", 11) == 0);
	outcome_done(&o);
}

static void an_advisory_policy_can_be_refused(void)
{
	struct supervised v;

	everything(&v, CORDON_ENGINE_AUTO);
	v.s.config.require |= CORDON_LAYER_BIT(CORDON_LAYER_PATH_POLICY);
	supervised_path(&v, "/tmp/secret", CORDON_PATH_TREE, 0);
	run_for(&v, ARGV(CALLS, "read", "/tmp/secret/s"), "read=13\n");
	supervised_path(&v, "/w/later", CORDON_PATH_TREE, 0);
	refused_for_the_policy(&v);
	everything(&v, CORDON_ENGINE_PTRACE);	/* READ is taken away, STAT stays */
	v.s.config.require |= CORDON_LAYER_BIT(CORDON_LAYER_PATH_POLICY);
	supervised_path(&v, "/tmp/file", CORDON_PATH_TREE, CORDON_ACCESS_STAT);
	refused_for_the_policy(&v);
	v.s.command.supervisor = NULL;
	refused_for_the_policy(&v);
}

/* ---- where the program begins ---- */

static void it_begins_outside_of_what_is_hidden(uint32_t engine)
{
	struct supervised v;
	struct outcome o;

	everything(&v, engine);
	supervised_path(&v, "/w", CORDON_PATH_TREE, 0);
	run_for(&v, ARGV(CALLS, "read", ".", ",", "create", "x", ",", "read", "a/b/c/d/n", ",", "stat", ".."),
		"read=13\ncreate=13\nread=13\nstat=13\n");
	supervised_path(&v, "/w/a/b/c/d", CORDON_PATH_TREE, ALL);
	v.s.command.work_dir = "/w/a/b/c/d";
	run_for(&v, ARGV(CALLS, "read", "n", ",", "read", "../d/n", ",", "read", "../.."),
		"text=not so deep\nread=0\ntext=not so deep\nread=0\nread=13\n");
	everything(&v, engine);
	supervised_path(&v, "/programs/calls", CORDON_PATH_TREE, 0);
	sandbox_run(&v.s, ARGV(CALLS, "getppid"), &o);
	CHECK(!o.ran);
	CHECK_EQ(o.err.step, CORDON_STEP_EXECVE);
	CHECK_EQ(o.err.err, EACCES);
	outcome_done(&o);
}
EACH_ENGINE(it_begins_outside_of_what_is_hidden)

/* ---- containers that are kept ---- */

static void masks_are_the_runs_own(uint32_t engine)
{
	struct supervised policy;
	struct outcome o;
	struct kept k;

	everything(&policy, engine);
	supervised_path(&policy, "/tmp/secret", CORDON_PATH_TREE, 0);
	supervised_path(&policy, "/tmp/open", CORDON_PATH_TREE, ALL);
	sandbox_init(&k.s);
	KEPT_OPEN(&k);
	for (int i = 0; i < 3; i++) {
		k.s.command.copy_in = i == 0 ? files : NULL;
		k.s.command.ncopy_in = i == 0 ? LENGTH(files) : 0;
		k.s.command.supervisor = &policy.supervisor;
		kept_run(&k, ARGV(CALLS, "read", "/tmp/secret/s", ",", "read", "/tmp/open/o"), &o);
		CHECK_OK(&o);
		CHECK_OUT(&o, "read=13\ntext=open\nread=0\n");
		CHECK_EQ(o.result->file_policy, CORDON_FILE_POLICY_ENFORCED);
		outcome_done(&o);
		k.s.command.supervisor = NULL;
		k.s.command.copy_in = NULL;
		k.s.command.ncopy_in = 0;
		kept_run(&k,
			 ARGV(CALLS, "read", "/tmp/secret/s", ",", "rename", "/tmp/secret", "/tmp/moved", ",", "rename",
			      "/tmp/moved", "/tmp/secret"),
			 &o);
		CHECK_OK(&o);
		CHECK_OUT(&o, "text=secret\nread=0\nrename=0\nrename=0\n");
		outcome_done(&o);
	}
	KEPT_CLOSE(&k);
}
EACH_ENGINE(masks_are_the_runs_own)

/* Commands beside each other: each sees its own. */
static void masks_are_the_commands_own(void)
{
	struct cordon_container *beside = NULL, *own;
	struct supervised policy;
	struct cordon_error err;
	struct outcome a, b;
	struct kept k;

	everything(&policy, CORDON_ENGINE_AUTO);
	supervised_path(&policy, "/tmp/secret", CORDON_PATH_TREE, 0);
	sandbox_init(&k.s);
	k.s.config.shared = 1;
	KEPT_OPEN(&k);
	MUST(cordon_container_sidecar(k.c, &beside, &err), &err);
	own = k.c;
	k.s.command.copy_in = files;
	k.s.command.ncopy_in = LENGTH(files);
	kept_run(&k, ARGV(CALLS, "getppid"), &a);
	outcome_done(&a);
	k.s.command.copy_in = NULL;
	k.s.command.ncopy_in = 0;
	k.s.command.supervisor = &policy.supervisor;
	kept_start(&k,
		   ARGV("/bin/sh", "-c",
			"echo up > /w/up; until [ -e /w/go ]; do sleep 0.01; done; cat /tmp/secret/s || echo refused; "
			"cat /proc/[0-9]*/root/tmp/secret/s 2>/dev/null; cat /tmp/open/o"),
		   0, &a);
	k.c = beside;
	k.s.command.supervisor = NULL;
	kept_run(&k,
		 ARGV("/bin/sh", "-c",
		      "until [ -e /w/up ]; do sleep 0.01; done; cat /tmp/secret/s; touch /w/go; sleep 0.2"),
		 &b);
	k.c = own;
	CHECK_OK(&b);
	CHECK_OUT(&b, "secret\n");
	outcome_done(&b);
	outcome_wait(&a);
	CHECK_OK(&a);
	CHECK_OUT(&a, "refused\nopen\n");
	CHECK_EQ(a.result->file_policy, CORDON_FILE_POLICY_ENFORCED);
	outcome_done(&a);
	cordon_container_free(beside);
	KEPT_CLOSE(&k);
}

#define USUAL                                                                                                      \
	EACH_SCENARIO(a_denied_tree_gives_nothing), EACH_SCENARIO(a_denied_file_gives_nothing),                    \
		EACH_SCENARIO(a_denied_interpreter_does_not_run), EACH_SCENARIO(rules_are_nested),                 \
		EACH_SCENARIO(many_rules), BOTH_SCENARIOS(a_tree_without_write_is_read_only),                      \
		BOTH_SCENARIOS(a_tree_without_exec_runs_nothing), EACH_SCENARIO(nothing_above_a_mask_is_moved),    \
		EACH_SCENARIO(another_place_has_its_own_rules), EACH_SCENARIO(mount_points_are_masked),            \
		EACH_SCENARIO(a_missing_path_is_covered_or_said), SCENARIO(an_advisory_policy_can_be_refused),     \
		EACH_SCENARIO(it_begins_outside_of_what_is_hidden), EACH_SCENARIO(masks_are_the_runs_own),         \
		SCENARIO(masks_are_the_commands_own)

/* A user without privileges shares one uid with init. */
static void as_an_ordinary_user(void)
{
	static const struct scenario usual[] = { USUAL };

	self_run_all(usual, LENGTH(usual), SOMEBODY);
}

static const struct scenario scenarios[] = { USUAL, SCENARIO(as_an_ordinary_user) };

int main(int argc, char **argv)
{
	return scenario_main(argc, argv, scenarios, LENGTH(scenarios));
}
