/* SPDX-License-Identifier: Apache-2.0 */
/* The sandbox seen from inside: nothing of the host is there, and the program has no rights. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <sched.h>
#include <stddef.h>
#include <sys/ipc.h>
#include <sys/mount.h>
#include <sys/shm.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include "support/sandbox.h"

static void only_its_own_processes_are_visible(void)
{
	struct sandbox s;
	struct outcome o;
	int pids = 0;

	sandbox_init(&s);
	sandbox_run(&s, ARGV(SUBJECT, "list", "/proc"), &o);
	CHECK_OK(&o);
	for (char *save = NULL, *line = strtok_r(o.out, "\n", &save); line; line = strtok_r(NULL, "\n", &save))
		if (line[0] >= '1' && line[0] <= '9')
			pids++;
	/* cordon-init and the program; a proc that hides other users' processes shows only the program. */
	CHECK(pids == 1 || pids == 2);
	outcome_done(&o);
}

static void the_program_is_not_pid_1_and_leads_a_group(void)
{
	struct sandbox s;
	struct outcome o;

	sandbox_init(&s);
	sandbox_run(&s, ARGV(SUBJECT, "ids"), &o);
	CHECK_OK(&o);
	CHECK(text_number(o.out, "pid", -1) > 1);
	CHECK_EQ(text_number(o.out, "ppid", -1), 1);
	/* In init's session, which has no terminal; a session of its own comes with command.terminal. */
	CHECK_EQ(text_number(o.out, "sid", -1), 1);
	CHECK_EQ(text_number(o.out, "pgid", -1), text_number(o.out, "pid", -2));
	CHECK_EQ(text_number(o.out, "uid", -1), 1000);
	CHECK_EQ(text_number(o.out, "euid", -1), 1000);
	CHECK_EQ(text_number(o.out, "gid", -1), 1000);
	CHECK_EQ(text_number(o.out, "egid", -1), 1000);
	CHECK(text_number(o.out, "groups", -1) <= 1);
	outcome_done(&o);
}

static void ids_are_those_asked_for(void)
{
	struct sandbox s;
	struct outcome o;

	sandbox_init(&s);
	s.config.uid = 4321;
	s.config.gid = 1234;
	sandbox_run(&s, ARGV(SUBJECT, "ids"), &o);
	CHECK_OK(&o);
	CHECK_EQ(text_number(o.out, "uid", -1), 4321);
	CHECK_EQ(text_number(o.out, "gid", -1), 1234);
	outcome_done(&o);
}

static void host_and_domain_name_are_its_own(void)
{
	struct sandbox s;
	struct outcome o;

	sandbox_init(&s);
	sandbox_run(&s, ARGV("/bin/sh", "-c", "uname -n; cat /proc/sys/kernel/domainname"), &o);
	CHECK_OK(&o);
	CHECK_OUT(&o, "cordon\ncordon\n");
	outcome_done(&o);
	sandbox_init(&s);
	s.config.hostname = "judge";
	s.config.domainname = "example";
	sandbox_run(&s, ARGV("/bin/sh", "-c", "uname -n; cat /proc/sys/kernel/domainname"), &o);
	CHECK_OK(&o);
	CHECK_OUT(&o, "judge\nexample\n");
	outcome_done(&o);
}

static void no_path_of_the_host_is_visible(void)
{
	static const char *const absent[] = {
		"/root", "/home", "/boot", "/var", "/sys", "/run", "/mnt", "/opt", "/srv", "/etc/shadow", "/etc/passwd",
		"/etc/hostname", "/dev/mem", "/dev/kmsg", "/dev/vda", "/dev/sda", "/old_root", "/.old", "/put_old",
	};
	struct sandbox s;
	struct outcome o;

	sandbox_init(&s);
	for (size_t i = 0; i < LENGTH(absent); i++) {
		sandbox_run(&s, ARGV(SUBJECT, "stat", absent[i]), &o);
		CHECK_OK(&o);
		if (text_number(strstr(o.out, "errno") ? strstr(o.out, "errno") : "", "errno", 0) != ENOENT)
			TEST_FAIL("visible: %s", o.out);
		outcome_done(&o);
	}
	sandbox_run(&s, ARGV(SUBJECT, "list", "/etc"), &o);
	CHECK(strstr(o.out, "shadow") == NULL && strstr(o.out, "passwd") == NULL && strstr(o.out, "ssh") == NULL);
	outcome_done(&o);
}

/* "/proc/self/mountinfo" must list what the plan says and nothing else: a left-over old root would be here. */
static void only_the_plans_mounts_are_listed(void)
{
	struct sandbox s;
	struct outcome o;

	sandbox_init(&s);
	sandbox_run(&s, ARGV(SUBJECT, "show", "/proc/self/mountinfo"), &o);
	CHECK_OK(&o);
	for (char *save = NULL, *line = strtok_r(o.out, "\n", &save); line; line = strtok_r(NULL, "\n", &save)) {
		char target[256] = "", options[256] = "";
		bool known;

		CHECK_EQ(sscanf(line, "%*s %*s %*s %*s %255s %255s", target, options), 2);
		known = strcmp(target, "/") == 0 || strncmp(target, "/dev", 4) == 0;
		for (uint32_t i = 0; i < s.config.nmounts; i++) {
			size_t len = strlen(s.mounts[i].target);

			/* A bind brings its submounts. */
			known |= strncmp(target, s.mounts[i].target, len) == 0 &&
				 (target[len] == '\0' || target[len] == '/');
		}
		if (!known)
			TEST_FAIL("unexpected mount: %s", line);
		if (strstr(options, "nosuid") == NULL)
			TEST_FAIL("not nosuid: %s", line);
		/* The device nodes themselves are binds of the host's in a user namespace, which cannot make them. */
		if (strstr(options, "nodev") == NULL && strncmp(target, "/dev", 4) != 0)
			TEST_FAIL("not nodev: %s", line);
		if (strncmp(target, "/usr", 4) == 0 && strncmp(options, "ro", 2) != 0)
			TEST_FAIL("writable: %s", line);
	}
	outcome_done(&o);
}

static void the_network_is_an_empty_one(void)
{
	struct sandbox s;
	struct outcome o;

	sandbox_init(&s);
	sandbox_run(&s, ARGV("/programs/probe", "net"), &o);
	CHECK_OK(&o);
	CHECK(o.result->layers & CORDON_LAYER_BIT(CORDON_LAYER_NET_NS));
	CHECK_EQ(text_number(o.out, "connect_out", 0), ENETUNREACH);
	CHECK_EQ(text_number(o.out, "connect_local", 0), ENETUNREACH);
	outcome_done(&o);
	sandbox_run(&s, ARGV(SUBJECT, "show", "/proc/self/net/dev"), &o);
	CHECK_OK(&o);
	CHECK(strstr(o.out, "lo:") != NULL);
	CHECK(strstr(o.out, "eth") == NULL && strstr(o.out, "ens") == NULL && strstr(o.out, "wl") == NULL);
	outcome_done(&o);
}

static void loopback_is_up_where_asked_for(void)
{
	struct sandbox s;
	struct outcome o;

	sandbox_init(&s);
	s.config.network = CORDON_NETWORK_LOOPBACK;
	sandbox_run(&s, ARGV("/programs/probe", "net"), &o);
	CHECK_OK(&o);
	CHECK_EQ(text_number(o.out, "connect_out", 0), ENETUNREACH);
	CHECK_EQ(text_number(o.out, "connect_local", 0), ECONNREFUSED);
	outcome_done(&o);
}

/* A listener of the host, on TCP and on an abstract socket, which only the network namespace hides. */
static void the_hosts_listeners_are_reached_only_with_the_hosts_network(void)
{
	struct sockaddr_in in = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	struct sockaddr_un un = { .sun_family = AF_UNIX };
	int tcp = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0),
	    local = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	socklen_t len = sizeof in;
	char port[16], name[64];
	struct sandbox s;
	struct outcome o;

	snprintf(name, sizeof name, "cordon-test-%d", (int)getpid());
	memcpy(un.sun_path + 1, name, strlen(name));
	REQUIRE(bind(tcp, (struct sockaddr *)&in, sizeof in) == 0 && listen(tcp, 5) == 0);
	REQUIRE(getsockname(tcp, (struct sockaddr *)&in, &len) == 0);
	REQUIRE(bind(local, (struct sockaddr *)&un,
		     (socklen_t)(offsetof(struct sockaddr_un, sun_path) + 1 + strlen(name))) == 0 &&
		listen(local, 5) == 0);
	snprintf(port, sizeof port, "%d", ntohs(in.sin_port));

	sandbox_init(&s);
	s.config.network = CORDON_NETWORK_LOOPBACK;
	sandbox_run(&s, ARGV("/programs/probe", "net", port), &o);
	CHECK_OK(&o);
	CHECK_EQ(text_number(o.out, "connect_local", 0), ECONNREFUSED);
	outcome_done(&o);
	sandbox_run(&s, ARGV("/programs/probe", "abstract", name), &o);
	CHECK_OK(&o);
	CHECK_EQ(text_number(o.out, "connect_abstract", 0), ECONNREFUSED);
	outcome_done(&o);

	s.config.network = CORDON_NETWORK_HOST;
	s.config.require &= ~CORDON_LAYER_BIT(CORDON_LAYER_NET_NS);
	sandbox_run(&s, ARGV("/programs/probe", "abstract", name), &o);
	CHECK_OK(&o);
	CHECK_EQ(text_number(o.out, "connect_abstract", -1), 0);
	CHECK(!(o.result->layers & CORDON_LAYER_BIT(CORDON_LAYER_NET_NS)));
	outcome_done(&o);
	close(tcp);
	close(local);
}

static void the_hosts_shared_memory_is_not_there(void)
{
	key_t key = 0x43000000 + getpid();
	int id = shmget(key, 4096, IPC_CREAT | IPC_EXCL | 0666);
	char text[16];
	struct sandbox s;
	struct outcome o;

	REQUIRE(id >= 0);
	snprintf(text, sizeof text, "%d", (int)key);
	sandbox_init(&s);
	sandbox_run(&s, ARGV("/programs/probe", "ipc", text), &o);
	CHECK_OK(&o);
	CHECK(text_number(o.out, "shm", 0) > 0);
	outcome_done(&o);
	shmctl(id, IPC_RMID, NULL);
}

static void the_environment_is_exactly_what_was_given(void)
{
	static const char *const env[] = { "A=1", "EMPTY=", "UTF=\xc3\xa4", NULL };
	struct sandbox s;
	struct outcome o;

	setenv("CORDON_TEST_SECRET", "1", 1);
	sandbox_init(&s);
	s.command.envp = env;
	sandbox_run(&s, ARGV(SUBJECT, "env"), &o);
	CHECK_OK(&o);
	CHECK_OUT(&o, "A=1\nEMPTY=\nUTF=\xc3\xa4\n");
	outcome_done(&o);
	s.command.envp = NULL;
	sandbox_run(&s, ARGV(SUBJECT, "env"), &o);
	CHECK_OK(&o);
	CHECK_OUT(&o, "");
	outcome_done(&o);
}

/* The caller's descriptors without O_CLOEXEC are what leaks first. */
static void no_descriptor_beyond_stderr_is_open(void)
{
	int leaky[3];
	struct sandbox s;
	struct outcome o;

	for (int i = 0; i < 3; i++)
		leaky[i] = open("/dev/null", O_RDONLY);
	REQUIRE(dup2(leaky[0], 900) == 900);
	sandbox_init(&s);
	sandbox_run(&s, ARGV(SUBJECT, "fds"), &o);
	CHECK_OK(&o);
	CHECK_OUT(&o, "0\n1\n2\n");
	outcome_done(&o);
	close(900);
	for (int i = 0; i < 3; i++)
		close(leaky[i]);
}

static void capabilities_are_all_zero(void)
{
	static const char *const sets[] = { "CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb" };
	struct sandbox s;
	struct outcome o;

	sandbox_init(&s);
	sandbox_run(&s, ARGV(SUBJECT, "show", "/proc/self/status"), &o);
	CHECK_OK(&o);
	for (size_t i = 0; i < LENGTH(sets); i++)
		CHECK_EQ(status_field(o.out, sets[i], 16), 0);
	CHECK_EQ(status_field(o.out, "NoNewPrivs", 10), 1);
	CHECK_EQ(status_field(o.out, "Seccomp", 10), 2);
	CHECK_EQ(o.result->layers & CORDON_LAYERS_DEFAULT, CORDON_LAYERS_DEFAULT);
	CHECK(o.result->layers & CORDON_LAYER_BIT(CORDON_LAYER_SECCOMP));
	CHECK(o.result->layers & CORDON_LAYER_BIT(CORDON_LAYER_PROC));
	outcome_done(&o);
}

static void layers_say_what_was_left_out(void)
{
	struct sandbox s;
	struct outcome o;

	sandbox_init(&s);
	s.config.seccomp_kind = CORDON_SECCOMP_NONE;
	sandbox_run(&s, ARGV(SUBJECT, "show", "/proc/self/status"), &o);
	CHECK_OK(&o);
	CHECK_EQ(status_field(o.out, "Seccomp", 10), 0);
	CHECK_EQ(status_field(o.out, "NoNewPrivs", 10), 1);
	CHECK(!(o.result->layers & CORDON_LAYER_BIT(CORDON_LAYER_SECCOMP)));
	outcome_done(&o);
	s.config.require |= CORDON_LAYER_BIT(CORDON_LAYER_SECCOMP);
	sandbox_run(&s, ARGV(SUBJECT, "exit", "0"), &o);
	CHECK(!o.ran);
	CHECK_EQ(o.err.step, CORDON_STEP_LAYER);
	outcome_done(&o);
}

/* At the sync point, before the program's first instruction, from the host. */
static void on_the_host_the_program_is_not_root(void)
{
	struct sandbox s;
	struct outcome o;
	char path[64], *text;
	long long uid, gid;

	sandbox_init(&s);
	s.command.sync = 1;
	sandbox_open(&s, ARGV(SUBJECT, "exit", "0"), &o);
	CHECK(o.run && cordon_run_wait(o.run) == CORDON_RUN_SYNC);
	snprintf(path, sizeof path, "/proc/%d/status", o.run ? (int)cordon_run_pid(o.run) : 0);
	text = file_read(path);
	uid = text ? status_field(text, "Uid", 10) : -1;
	gid = text ? status_field(text, "Gid", 10) : -1;
	CHECK(uid > 0 && gid > 0);
	free(text);
	outcome_wait(&o);
	CHECK_OK(&o);
	if (getuid() == 0) {
		CHECK(o.result->layers & CORDON_LAYER_BIT(CORDON_LAYER_OWN_UID));
		CHECK(uid >= 65536);	/* above what distributions hand out */
	} else {
		CHECK_EQ(uid, getuid());
		CHECK(!(o.result->layers & CORDON_LAYER_BIT(CORDON_LAYER_OWN_UID)));
	}
	outcome_done(&o);
}

static void the_hosts_root_can_not_be_asked_for(void)
{
	struct sandbox s;
	struct outcome o;

	sandbox_init(&s);
	s.config.uid = 0;
	s.config.gid = 0;
	sandbox_run(&s, ARGV("/bin/sh", "-c", "cat /proc/self/uid_map"), &o);
	if (o.ran) {
		int inside = -1, outside = 0;

		/* uid 0 inside is no harm as long as it is not the host's. */
		CHECK_EQ(sscanf(o.out, "%d %d", &inside, &outside), 2);
		CHECK(outside != 0);
	} else {
		CHECK_EQ(o.err.step, CORDON_STEP_VALIDATE);
	}
	outcome_done(&o);
}

static void a_tmpfs_is_writable_and_limited(void)
{
	struct sandbox s;
	struct outcome o;

	sandbox_init(&s);
	sandbox_mount_find(&s, "/w")->size_bytes = 1 * MIB;
	sandbox_mount_find(&s, "/w")->inodes = 50;
	sandbox_run(&s, ARGV(SUBJECT, "file", "5000000", "/w/big"), &o);
	CHECK_STATUS(&o, CORDON_STATUS_NONZERO_EXIT, CORDON_CAUSE_NONE);
	CHECK_EQ(text_number(o.out, "errno", 0), ENOSPC);
	outcome_done(&o);
	sandbox_run(&s, ARGV(SUBJECT, "files", "200", "/w"), &o);
	CHECK_STATUS(&o, CORDON_STATUS_NONZERO_EXIT, CORDON_CAUSE_NONE);
	CHECK_EQ(text_number(o.out, "errno", 0), ENOSPC);
	CHECK(text_number(o.out, "made", 999) < 50);
	outcome_done(&o);
}

static void devices_are_the_few_harmless_ones(void)
{
	struct sandbox s;
	struct outcome o;

	sandbox_init(&s);
	sandbox_run(
		&s,
		ARGV("/bin/sh", "-ec",
		     "head -c 5 /dev/zero | wc -c; head -c 5 /dev/urandom | wc -c; head -c 5 /dev/random | wc -c; "
		     "echo x > /dev/null; "
		     "(echo x > /dev/full) 2>/dev/null || echo full; readlink /dev/fd /dev/stdin; echo s > /dev/shm/x"),
		&o);
	CHECK_OK(&o);
	CHECK_OUT(&o, "5\n5\n5\nfull\n/proc/self/fd\n/proc/self/fd/0\n");
	outcome_done(&o);
	sandbox_run(&s, ARGV("/bin/sh", "-c", "cd /dev; echo *"), &o);
	CHECK_OUT(&o, "fd full null random shm stderr stdin stdout tty urandom zero\n");
	outcome_done(&o);
}

static void masked_paths_are_empty(void)
{
	struct sandbox s;
	struct outcome o;

	sandbox_init(&s);
	sandbox_mount(&s, CORDON_MOUNT_MASK, 0, NULL, "/usr/share");
	sandbox_mount(&s, CORDON_MOUNT_MASK, 0, NULL, "/usr/bin/env");
	sandbox_mount(&s, CORDON_MOUNT_MASK, 0, NULL, "/usr/no-such-thing");
	sandbox_run(&s,
		    ARGV("/bin/sh", "-c",
			 "ls /usr/share | wc -l; wc -c < /usr/bin/env; ls -d /usr/no-such-thing 2>&1 | wc -l; "
			 "(echo x > /usr/share/x) "
			 "2>/dev/null; (echo x > /usr/bin/env) 2>/dev/null; ls /usr/share | wc -l"),
		    &o);
	CHECK_OK(&o);
	CHECK_OUT(&o, "0\n0\n1\n0\n");
	outcome_done(&o);
}

static void a_writable_bind_is_writable_and_a_readonly_one_is_not(void)
{
	char dir[] = "/tmp/cordon-test-XXXXXX", path[64], *text;
	struct sandbox s;
	struct outcome o;

	REQUIRE(mkdtemp(dir) != NULL && chmod(dir, 0777) == 0);
	sandbox_init(&s);
	sandbox_mount(&s, CORDON_MOUNT_BIND, CORDON_MOUNT_RW, dir, "/rw");
	sandbox_mount(&s, CORDON_MOUNT_BIND, 0, dir, "/ro");
	sandbox_run(&s, ARGV("/bin/sh", "-c", "echo written > /rw/a; cat /ro/a; echo x > /ro/a"), &o);
	CHECK_STATUS(&o, CORDON_STATUS_NONZERO_EXIT, CORDON_CAUSE_NONE);
	CHECK_OUT(&o, "written\n");
	CHECK(strstr(o.errout, "Read-only") != NULL);
	snprintf(path, sizeof path, "%s/a", dir);
	text = file_read(path);
	CHECK_STR(text, "written\n");
	free(text);
	unlink(path);
	rmdir(dir);
	outcome_done(&o);
}

/* In a mount namespace of the test's own: dir/sub is a tmpfs below the source of a read-only bind. */
static void submounts(void)
{
	char dir[] = "/tmp/cordon-test-XXXXXX", sub[64], file[128];
	struct sandbox s;
	struct outcome o;

	REQUIRE(unshare(CLONE_NEWNS) == 0);
	REQUIRE(mkdtemp(dir) != NULL && chmod(dir, 0755) == 0);
	snprintf(sub, sizeof sub, "%s/sub", dir);
	snprintf(file, sizeof file, "%s/seen", sub);
	REQUIRE(mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0);
	REQUIRE(mkdir(sub, 0777) == 0 && mount("none", sub, "tmpfs", 0, "size=1m,mode=0777") == 0);
	REQUIRE(file_write(file, "seen", 4));

	sandbox_init(&s);
	sandbox_mount(&s, CORDON_MOUNT_BIND, 0, dir, "/data");
	sandbox_run(&s, ARGV(SUBJECT, "show", "/data/sub/seen"), &o);
	CHECK_OK(&o);
	CHECK_OUT(&o, "seen");
	outcome_done(&o);
	sandbox_run(&s, ARGV(SUBJECT, "file", "4096", "/data/sub/new"), &o);
	CHECK_STATUS(&o, CORDON_STATUS_NONZERO_EXIT, CORDON_CAUSE_NONE);
	CHECK_EQ(text_number(o.out, "errno", 0), EROFS);
	outcome_done(&o);
	snprintf(file, sizeof file, "%s/new", sub);
	CHECK(access(file, F_OK) != 0);

	sandbox_mount_find(&s, "/data")->flags = CORDON_MOUNT_RW;
	sandbox_run(&s, ARGV(SUBJECT, "file", "4096", "/data/sub/new"), &o);
	CHECK_OK(&o);
	outcome_done(&o);
	CHECK(access(file, F_OK) == 0);
	umount2(sub, MNT_DETACH);
	rmdir(sub);
	rmdir(dir);
}

static void a_readonly_bind_is_readonly_in_its_submounts(void)
{
	if (getuid() != 0)
		SKIP_SCENARIO("root: cannot make a mount namespace to test with");
	CHECK_EQ(self_run("submounts", 0), 0);
}

int main(int argc, char **argv)
{
	static const struct scenario list[] = {
		SCENARIO(only_its_own_processes_are_visible),
		SCENARIO(the_program_is_not_pid_1_and_leads_a_group),
		SCENARIO(ids_are_those_asked_for),
		SCENARIO(host_and_domain_name_are_its_own),
		SCENARIO(no_path_of_the_host_is_visible),
		SCENARIO(only_the_plans_mounts_are_listed),
		SCENARIO(the_network_is_an_empty_one),
		SCENARIO(loopback_is_up_where_asked_for),
		SCENARIO(the_hosts_listeners_are_reached_only_with_the_hosts_network),
		SCENARIO(the_hosts_shared_memory_is_not_there),
		SCENARIO(the_environment_is_exactly_what_was_given),
		SCENARIO(no_descriptor_beyond_stderr_is_open),
		SCENARIO(capabilities_are_all_zero),
		SCENARIO(layers_say_what_was_left_out),
		SCENARIO(on_the_host_the_program_is_not_root),
		SCENARIO(the_hosts_root_can_not_be_asked_for),
		SCENARIO(a_tmpfs_is_writable_and_limited),
		SCENARIO(devices_are_the_few_harmless_ones),
		SCENARIO(masked_paths_are_empty),
		SCENARIO(a_writable_bind_is_writable_and_a_readonly_one_is_not),
		SCENARIO(a_readonly_bind_is_readonly_in_its_submounts),
		SCENARIO_BY_NAME(submounts),
	};

	return scenario_main(argc, argv, list, LENGTH(list));
}
