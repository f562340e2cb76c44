/* SPDX-License-Identifier: Apache-2.0 */
/* What a hostile program tries first: mounts, namespaces, other processes, kernel interfaces with a history of
 * vulnerabilities, privileges, and cordon-init itself. Every attempt of programs/probe.c must fail with the default
 * seccomp policy, and without it if another layer also prevents it: the layers are independent.
 *
 * Among them: CVE-2019-5736 (writing the runtime's binary through /proc/PID/exe), "shocker" (open_by_handle_at),
 * CVE-2017-5226 (TIOCSTI), prlimit on pid 1, and cgroup/core_pattern style escapes by /proc. */
#define _GNU_SOURCE
#include <errno.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include "support/sandbox.h"

/* Every line of a probe but those named in except must not be 0. */
static void all_refused(const char *group, uint32_t seccomp, const char *except)
{
	struct sandbox s;
	struct outcome o;
	char item[64];
	int lines = 0;

	sandbox_init(&s);
	s.config.seccomp_kind = seccomp;
	sandbox_run(&s, ARGV("/programs/probe", group), &o);
	CHECK_OK(&o);
	for (char *save = NULL, *line = strtok_r(o.out, "\n", &save); line; line = strtok_r(NULL, "\n", &save)) {
		char *value = strchr(line, '=');

		lines++;
		if (!value)
			continue;
		snprintf(item, sizeof item, " %.*s ", (int)(value - line), line);
		if (strcmp(value, "=0") == 0 && !strstr(except, item))
			TEST_FAIL("worked%s: %s", seccomp == CORDON_SECCOMP_NONE ? " without seccomp" : "", line);
	}
	CHECK(lines > 0);
	outcome_done(&o);
}

static void mounting(void)
{
	all_refused("mounts", CORDON_SECCOMP_DEFAULT, "");
	all_refused("mounts", CORDON_SECCOMP_NONE, "");
}

static void new_namespaces(void)
{
	all_refused("namespaces", CORDON_SECCOMP_DEFAULT, "");
}

static void kernel_interfaces(void)
{
	all_refused("kernel", CORDON_SECCOMP_DEFAULT, "");
}

/* Without the policy the kernel's own checks remain: capabilities. */
static void kernel_interfaces_without_seccomp(void)
{
	all_refused("kernel", CORDON_SECCOMP_NONE,
		    " ptrace_attach ptrace_seize process_vm keyctl add_key perf io_uring userfaultfd vsock ");
}

static void rights(void)
{
	all_refused("rights", CORDON_SECCOMP_DEFAULT, "");
	all_refused("rights", CORDON_SECCOMP_NONE, "");
}

static void files(void)
{
	all_refused("files", CORDON_SECCOMP_DEFAULT, "");
	all_refused("files", CORDON_SECCOMP_NONE, "");
	CHECK(access("/usr/cordon-test-was-here", F_OK) != 0);
}

static void cordon_init_is_out_of_reach(void)
{
	all_refused("pid1", CORDON_SECCOMP_DEFAULT, "");
	/* Without a uid of its own (rootless) the program is cordon-init's user, and prlimit(2) asks for no more than
	 * that. */
	all_refused("pid1", CORDON_SECCOMP_NONE, getuid() == 0 ? "" : " pid1_prlimit ");
}

/* A signal of its own namespace does not reach pid 1; the run must end as if nothing had happened. */
static void signals_to_cordon_init_do_nothing(void)
{
	struct sandbox s;
	struct outcome o;

	sandbox_init(&s);
	sandbox_run(&s,
		    ARGV("/bin/sh", "-c",
			 "for sig in HUP INT TERM KILL STOP USR1 CHLD PIPE SEGV; do kill -$sig 1 2>/dev/null; done; "
			 "/programs/probe pid1-signals >/dev/null; echo unharmed; exit 5"),
		    &o);
	CHECK_STATUS(&o, CORDON_STATUS_NONZERO_EXIT, CORDON_CAUSE_NONE);
	CHECK_EQ(o.result->exit_code, 5);
	CHECK_OUT(&o, "unharmed\n");
	outcome_done(&o);
}

/* "kill -1": everything that the program may signal, which must not be the helper that reports its end. */
static void killing_everybody_ends_only_the_program(void)
{
	struct sandbox s;
	struct outcome o;

	sandbox_init(&s);
	sandbox_run(&s, ARGV("/bin/sh", "-c", "sleep 60 & kill -9 -1; exit 6"), &o);
	CHECK(o.ran);
	CHECK((o.result->status == CORDON_STATUS_NONZERO_EXIT && o.result->exit_code == 6) ||
	      (o.result->status == CORDON_STATUS_SIGNALED && o.result->signal == SIGKILL));
	CHECK(o.result->wall_time_ns < 10 * SEC);
	outcome_done(&o);
}

/* Linux 6.18 and older let an unprivileged user make namespaces; without the policy so may the program. Then the mounts
 * of the sandbox must be locked: mount_namespaces(7), "restrictions". */
static void a_nested_user_namespace_takes_no_wall_down(void)
{
	static const char *const must_fail[] = {
		"remount_usr_rw", "write_usr", "remount_suid", "remount_proc_rw", "umount_usr", "umount_mask",
		"remount_root_rw", "write_root",
	};
	struct sandbox s;
	struct outcome o;

	sandbox_init(&s);
	s.config.seccomp_kind = CORDON_SECCOMP_NONE;
	sandbox_mount(&s, CORDON_MOUNT_MASK, 0, NULL, "/usr/share");
	sandbox_run(&s, ARGV("/programs/nested_userns"), &o);
	CHECK_OK(&o);
	for (size_t i = 0; text_number(o.out, "unshare", -1) == 0 && i < LENGTH(must_fail); i++)
		if (text_number(o.out, must_fail[i], 0) == 0)
			TEST_FAIL("worked in a nested namespace: %s", must_fail[i]);
	outcome_done(&o);
	s.config.seccomp_kind = CORDON_SECCOMP_DEFAULT;
	sandbox_run(&s, ARGV("/programs/nested_userns"), &o);
	CHECK(text_number(o.out, "unshare", 0) != 0);
	outcome_done(&o);
	CHECK(access("/usr/cordon-test-was-here", F_OK) != 0);
}

/* A setuid root program of the host, run by the program: no_new_privs and nosuid both forbid that it gains anything. */
static void setuid_programs_do_not_raise(void)
{
	struct sandbox s;
	struct outcome o;
	struct stat st;

	if (stat("/usr/bin/su", &st) != 0 || !(st.st_mode & S_ISUID))
		SKIP_SCENARIO("su: no setuid program in /usr/bin");
	sandbox_init(&s);
	sandbox_run(&s, ARGV("/usr/bin/su", "-c", "id -u"), &o);
	CHECK(!o.ran || o.result->status != CORDON_STATUS_OK);
	CHECK(strstr(o.out ? o.out : "", "0\n") == NULL);
	outcome_done(&o);
}

/* The file has its setuid bit only inside: a copy with mode 4755 must not have become root's. */
static void a_copied_in_file_is_not_setuid_root(void)
{
	struct cordon_copy_in in = { .name = "id", .path = "/usr/bin/id", .mode = 06755 };
	struct sandbox s;
	struct outcome o;

	sandbox_init(&s);
	s.command.copy_in = &in;
	s.command.ncopy_in = 1;
	sandbox_run(&s, ARGV("./id", "-u"), &o);
	/* Refusing such a mode is as good. */
	if (o.ran)
		CHECK_OUT(&o, "1000\n");
	outcome_done(&o);
}

/* x32 numbers in front of the native filter, and an int 0x80 inside: other_abi also runs here without a policy of
 * ours. */
static void other_abis_are_killed_in_children_too(void)
{
#ifdef __x86_64__
	struct sandbox s;
	struct outcome o;

	sandbox_init(&s);
	sandbox_run(&s, ARGV("/bin/sh", "-c", "/programs/other_abi x32; echo $?"), &o);
	CHECK(o.ran);
	CHECK(strstr(o.out, "ret=") == NULL);
	outcome_done(&o);
#endif
}

int main(int argc, char **argv)
{
	static const struct scenario list[] = {
		SCENARIO(mounting),
		SCENARIO(new_namespaces),
		SCENARIO(kernel_interfaces),
		SCENARIO(kernel_interfaces_without_seccomp),
		SCENARIO(rights),
		SCENARIO(files),
		SCENARIO(cordon_init_is_out_of_reach),
		SCENARIO(signals_to_cordon_init_do_nothing),
		SCENARIO(killing_everybody_ends_only_the_program),
		SCENARIO(a_nested_user_namespace_takes_no_wall_down),
		SCENARIO(setuid_programs_do_not_raise),
		SCENARIO(a_copied_in_file_is_not_setuid_root),
		SCENARIO(other_abis_are_killed_in_children_too),
	};

	return scenario_main(argc, argv, list, LENGTH(list));
}
