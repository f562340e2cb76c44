/* SPDX-License-Identifier: Apache-2.0 */
#include "host/machine.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/landlock.h>
#include <linux/ptrace.h>
#include <linux/seccomp.h>
#include <string.h>
#include "base/base.h"
#include "error/error.h"

#define ABI_PORTS 4	/* landlock(7), LANDLOCK_ACCESS_NET_* */

/* Reads the first bytes of a file as a string; empty if it cannot be read. */
static void read_start(const char *path, char *text, size_t size)
{
	AUTO_CLOSE int fd = (int)sys(__NR_openat, AT_FDCWD, path, O_RDONLY | O_CLOEXEC | O_NOCTTY, 0);
	long n = fd >= 0 ? sys(__NR_read, fd, text, size - 1) : 0;

	text[n > 0 ? n : 0] = '\0';
}

/* Whether name is in a list separated by commas. */
static bool list_has(const char *list, const char *name)
{
	size_t len = strlen(name);

	for (const char *word = list; *word != '\0';) {
		size_t n = strcspn(word, ",\n");

		if (n == len && memcmp(word, name, len) == 0)
			return true;
		word += n;
		word += *word != '\0';
	}
	return false;
}

/* securityfs lists the active modules; if it is not mounted, each module's own file says whether it is active. */
static bool lsm_is_active(const char *name, const char *file)
{
	char text[256];

	read_start("/sys/kernel/security/lsm", text, sizeof text);
	if (list_has(text, name))
		return true;
	read_start(file, text, sizeof text);
	return text[0] != '\0' && text[0] != 'N';
}

/* Refuses a label that no module enforces: it would seem to protect. */
static int refuse_label(struct cordon_error *err, const char *field, const char *label, const char *rule)
{
	int rc = error_refuse(err, CORDON_NO_INDEX, field, label, rule);

	err->step = CORDON_STEP_LABEL;
	return rc;
}

int machine_check(const struct cordon_container_config *c, struct cordon_error *err)
{
	if (c->apparmor_profile != NULL && !lsm_is_active("apparmor", "/sys/module/apparmor/parameters/enabled"))
		return refuse_label(err, "apparmor_profile", c->apparmor_profile, "this kernel has no active AppArmor");
	if (c->selinux_label != NULL && !lsm_is_active("selinux", "/sys/fs/selinux/enforce"))
		return refuse_label(err, "selinux_label", c->selinux_label, "this kernel has no active SELinux");
	if ((c->require & CORDON_LAYER_BIT(CORDON_LAYER_LANDLOCK)) != 0 && !machine_has_landlock())
		return error_set(err, ENOTSUP, CORDON_STEP_LAYER, CORDON_NO_INDEX,
				 cordon_layer_name(CORDON_LAYER_LANDLOCK));
	return 0;
}

int machine_check_cpus(const struct cpus *cpus, struct cordon_error *err)
{
	struct cpus own = { .words = ARRAY_LEN(own.bits) };
	char list[CPUS_LIST_MAX];
	long len = sys(__NR_sched_getaffinity, 0, sizeof own.bits, own.bits);

	if (len < 0)
		return error_set(err, (int)-len, CORDON_STEP_AFFINITY, CORDON_NO_INDEX, NULL);
	if (cpus_within(cpus, &own))
		return 0;
	(void)cpus_list(cpus, list, sizeof list);
	return error_refuse(err, CORDON_NO_INDEX, "cpuset", list, "has a CPU that the caller may not use");
}

static long landlock_abi(void)
{
	return sys(__NR_landlock_create_ruleset, NULL, 0, LANDLOCK_CREATE_RULESET_VERSION);
}

bool machine_has_landlock(void)
{
	return landlock_abi() > 0;
}

bool machine_has_landlock_ports(void)
{
	return landlock_abi() >= ABI_PORTS;
}

bool machine_has_notify(void)
{
	uint32_t action = SECCOMP_RET_USER_NOTIF;

	return sys(__NR_seccomp, SECCOMP_GET_ACTION_AVAIL, 0, &action) == 0;
}

/* This process is not its own tracee: ESRCH, unless the call is refused as a whole. With ptrace_scope 3 of Yama nothing
 * can be attached. */
bool machine_has_ptrace(void)
{
	AUTO_CLOSE int fd =
		(int)sys(__NR_openat, AT_FDCWD, "/proc/sys/kernel/yama/ptrace_scope", O_RDONLY | O_CLOEXEC, 0);
	char scope = '0';

	if (fd >= 0)
		(void)sys(__NR_read, fd, &scope, 1);
	return scope < '3' && sys(__NR_ptrace, PTRACE_CONT, sys(__NR_getpid), 0, 0) == -ESRCH;
}
