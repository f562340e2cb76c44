/* SPDX-License-Identifier: Apache-2.0 */
/* A path policy that gives reading gives no change of a mode, an owner, times, flags or extended attributes: by name,
 * by a descriptor that is open for reading, or while a thread exchanges either. The host's file must not have changed,
 * which its change time tells. What a program makes itself where it may write stays its own. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include "support/supervised.h"

#define OWNER 47112	/* of the files, and the program's user where the caller is root */
#define RACES "1000"

/* A directory of the program's user on the host: "only" may be read, "mine" be written. */
struct place {
	char dir[64], only[96], mine[96];
	char inside[64], inside_only[96], inside_mine[96];
	struct stat before;
	bool namespaces;
};

static void make_file(const char *path)
{
	int fd = open(path, O_CREAT | O_WRONLY | O_CLOEXEC, 0644);

	REQUIRE(fd >= 0 && (getuid() != 0 || fchown(fd, OWNER, OWNER) == 0));
	(void)fsetxattr(fd, "user.cordon", "0", 1, 0);	/* tmpfs may have none */
	close(fd);
}

static void place_make(struct place *p, bool namespaces)
{
	snprintf(p->dir, sizeof p->dir, "/tmp/cordon-attributes-XXXXXX");
	REQUIRE(mkdtemp(p->dir) != NULL && (getuid() != 0 || chown(p->dir, OWNER, OWNER) == 0));
	snprintf(p->only, sizeof p->only, "%s/only", p->dir);
	snprintf(p->mine, sizeof p->mine, "%s/mine", p->dir);
	make_file(p->only);
	make_file(p->mine);
	REQUIRE(stat(p->only, &p->before) == 0);
	p->namespaces = namespaces;
	snprintf(p->inside, sizeof p->inside, "%s", namespaces ? "/d" : p->dir);
	snprintf(p->inside_only, sizeof p->inside_only, "%s/only", p->inside);
	snprintf(p->inside_mine, sizeof p->inside_mine, "%s/mine", p->inside);
}

static void place_unchanged(const struct place *p, const char *when)
{
	struct stat now;

	REQUIRE(stat(p->only, &now) == 0);
	if (now.st_ctim.tv_sec != p->before.st_ctim.tv_sec || now.st_ctim.tv_nsec != p->before.st_ctim.tv_nsec)
		TEST_FAIL("%s: the file has changed: mode %o", when, (unsigned int)now.st_mode);
}

static void place_remove(struct place *p)
{
	char path[128];
	static const char *const names[] = { "only", "mine", "made", "link" };

	for (size_t i = 0; i < LENGTH(names); i++) {
		snprintf(path, sizeof path, "%s/%s", p->dir, names[i]);
		unlink(path);
	}
	CHECK_EQ(rmdir(p->dir), 0);
}

/* The policy reads everything; with writing the program may also write all of the directory but "only". */
static void prepare(struct supervised *v, const struct place *p, uint32_t engine, bool writing)
{
	supervised_init(v, engine);
	if (p->namespaces) {
		sandbox_mount(&v->s, CORDON_MOUNT_BIND, CORDON_MOUNT_RW, p->dir, "/d");
	} else {
		v->s.config.nmounts = 0;
		v->s.config.namespaces = CORDON_NAMESPACES_NONE;
	}
	if (getuid() == 0)
		v->s.config.host_uid = v->s.config.host_gid = OWNER;
	v->s.command.work_dir = p->inside;
	v->s.command.limits.cpu_time_ns = 60 * SEC;
	v->s.command.limits.wall_time_ns = 120 * SEC;
	supervised_path(v, "/", CORDON_PATH_TREE, ACCESS_RX);
	if (!writing)
		return;
	supervised_path(v, p->inside, CORDON_PATH_TREE, ACCESS_RW | CORDON_ACCESS_EXEC);
	supervised_path(v, p->inside_only, CORDON_PATH_ONLY, CORDON_ACCESS_READ);
}

static const char *program(const struct place *p)
{
	static char path[4096];

	snprintf(path, sizeof path, "%s/attributes", p->namespaces ? "/programs" : getenv("CORDON_TEST_PROGRAMS"));
	return path;
}

static void none_works(const char *text)
{
	char *copy = strdup(text);
	int lines = 0;

	for (char *save = NULL, *line = strtok_r(copy, "\n", &save); line; line = strtok_r(NULL, "\n", &save)) {
		char *value = strchr(line, '=');

		lines++;
		if (!value || strcmp(value, "=0") == 0 || strncmp(line, "open", 4) == 0)
			TEST_FAIL("worked: %s", line);
	}
	free(copy);
	CHECK(lines >= 50);
}

static void run_in(struct supervised *v, struct kept *k, const char *const *argv, struct outcome *o)
{
	if (!k) {
		sandbox_run(&v->s, argv, o);
		return;
	}
	k->s.command.supervisor = &v->supervisor;
	k->s.command.work_dir = v->s.command.work_dir;
	k->s.command.limits = v->s.command.limits;
	kept_run(k, argv, o);
}

static void nothing_changes(struct place *p, struct supervised *v, struct kept *k, bool writing)
{
	struct outcome o;

	run_in(v, k, ARGV(program(p), "try", p->inside_only), &o);
	CHECK_OK(&o);
	none_works(o.out);
	outcome_done(&o);
	place_unchanged(p, "tried");
	run_in(v, k, ARGV(program(p), "race", p->inside_only, p->inside_mine, RACES), &o);
	CHECK_OK(&o);
	CHECK_OUT(&o, "over\n");
	outcome_done(&o);
	place_unchanged(p, writing ? "raced" : "raced without writing");
}

static void what_is_only_read_is_not_changed(bool namespaces, uint32_t engine, bool writing)
{
	struct supervised v;
	struct place p;

	place_make(&p, namespaces);
	prepare(&v, &p, engine, writing);
	nothing_changes(&p, &v, NULL, writing);
	place_remove(&p);
}

static void in_a_kept_container(bool namespaces, uint32_t engine, bool writing)
{
	struct supervised v;
	struct place p;
	struct kept k;

	place_make(&p, namespaces);
	prepare(&v, &p, engine, writing);
	sandbox_init(&k.s);
	k.s.config.namespaces = v.s.config.namespaces;
	k.s.config.host_uid = k.s.config.host_gid = getuid() == 0 ? OWNER : 0;
	if (namespaces)
		sandbox_mount(&k.s, CORDON_MOUNT_BIND, CORDON_MOUNT_RW, p.dir, "/d");
	else
		k.s.config.nmounts = 0;
	KEPT_OPEN(&k);
	for (int i = 0; i < 2; i++)
		nothing_changes(&p, &v, &k, writing);
	KEPT_CLOSE(&k);
	place_remove(&p);
}

static void without_namespaces(void)
{
	what_is_only_read_is_not_changed(false, CORDON_ENGINE_PTRACE, true);
	what_is_only_read_is_not_changed(false, CORDON_ENGINE_PTRACE, false);
}
ROOTLESS(without_namespaces)

static void without_namespaces_again_and_again(void)
{
	in_a_kept_container(false, CORDON_ENGINE_PTRACE, true);
}
ROOTLESS(without_namespaces_again_and_again)

static void under_notify(void)
{
	what_is_only_read_is_not_changed(true, CORDON_ENGINE_NOTIFY, true);
	in_a_kept_container(true, CORDON_ENGINE_NOTIFY, true);
}
ROOTLESS(under_notify)

static void under_ptrace(void)
{
	what_is_only_read_is_not_changed(true, CORDON_ENGINE_PTRACE, true);
	in_a_kept_container(true, CORDON_ENGINE_PTRACE, true);
}
ROOTLESS(under_ptrace)

/* No call is judged: where nothing may be written, all of them are refused. Else mounts hold what is taken away. */
static void under_landlock_alone(void)
{
	what_is_only_read_is_not_changed(true, CORDON_ENGINE_KERNEL, false);
	in_a_kept_container(true, CORDON_ENGINE_KERNEL, false);
	what_is_only_read_is_not_changed(true, CORDON_ENGINE_KERNEL, true);
}
ROOTLESS(under_landlock_alone)

/* The same ways, with a file of its own. What this file system lacks, and the ioctls, may fail. */
static void its_own_files_are_its_own(bool namespaces, uint32_t engine)
{
	static const char *const must[] = { "read_fchmod", "read_fchown", "read_futimens", "read_utimensat_empty",
					    "read_fchownat", "read_link_chmod", "name_chmod", "name_fchmodat",
					    "name_chown", "name_lchown", "name_utimensat", "name_utimes", "name_utime",
					    "symlink_chmod", "symlink_chown", "path_fchownat" };
	char made[128];
	struct supervised v;
	struct outcome o;
	struct place p;
	bool xattrs;

	place_make(&p, namespaces);
	xattrs = getxattr(p.only, "user.cordon", NULL, 0) == 1;
	prepare(&v, &p, engine, true);
	snprintf(made, sizeof made, "%s/made", p.inside);
	sandbox_run(&v.s, ARGV(program(&p), "own", made), &o);
	CHECK_OK(&o);
	for (size_t i = 0; i < LENGTH(must); i++)
		if (text_number(o.out, must[i], -1) != 0)
			TEST_FAIL("%s: %ld", must[i], text_number(o.out, must[i], -1));
	if (xattrs) {
		CHECK_EQ(text_number(o.out, "read_fsetxattr", -1), 0);
		CHECK_EQ(text_number(o.out, "read_fremovexattr", -1), 0);
		CHECK_EQ(text_number(o.out, "name_setxattr", -1), 0);
	}
	outcome_done(&o);
	sandbox_run(&v.s,
		    ARGV("/bin/sh", "-ec",
			 "cp -p only made; chmod u+w made; chmod 755 made; touch made; "
			 "install -m 700 /bin/true made; ./made; mkdir link; chmod 700 link; rmdir link"),
		    &o);
	CHECK_OK(&o);
	CHECK_STR(o.errout, "");
	outcome_done(&o);
	place_unchanged(&p, "beside its own");
	place_remove(&p);
}

static void programs_change_what_they_made(void)
{
	its_own_files_are_its_own(false, CORDON_ENGINE_PTRACE);
	its_own_files_are_its_own(true, CORDON_ENGINE_PTRACE);
	its_own_files_are_its_own(true, CORDON_ENGINE_NOTIFY);
}
ROOTLESS(programs_change_what_they_made)

static const struct scenario scenarios[] = {
	SCENARIO(without_namespaces),
	ROOTLESS_SCENARIO(without_namespaces),
	SCENARIO(without_namespaces_again_and_again),
	ROOTLESS_SCENARIO(without_namespaces_again_and_again),
	SCENARIO(under_notify),
	ROOTLESS_SCENARIO(under_notify),
	SCENARIO(under_ptrace),
	ROOTLESS_SCENARIO(under_ptrace),
	SCENARIO(under_landlock_alone),
	ROOTLESS_SCENARIO(under_landlock_alone),
	SCENARIO(programs_change_what_they_made),
	ROOTLESS_SCENARIO(programs_change_what_they_made),
};

int main(int argc, char **argv)
{
	return scenario_main(argc, argv, scenarios, LENGTH(scenarios));
}
