/* SPDX-License-Identifier: Apache-2.0 */
#include "supervisor/privilege.h"

#include <linux/capability.h>
#include <linux/errno.h>
#include "base/base.h"

static long set_ids_for_files(uint32_t uid, uint32_t gid)
{
	(void)sys(__NR_setfsgid, gid);
	(void)sys(__NR_setfsuid, uid);
	return sys(__NR_setfsgid, -1) == (long)gid && sys(__NR_setfsuid, -1) == (long)uid ? 0 : -EPERM;
}

/* process_vm_readv(2) checks the real ids, so they become the program's. The effective and saved ids stay init's, so
 * that the program is refused ptrace(2) and prlimit(2), which require all three. setfsuid(2) reports no error: a second
 * call returns the id in effect. */
static long take_ids(const struct supervisor *sv)
{
	long rc = sys(__NR_setresgid, sv->gid, -1, -1);

	if (rc == 0)
		rc = sys(__NR_setresuid, sv->uid, -1, -1);
	return rc < 0 ? rc : set_ids_for_files(sv->uid, sv->gid);
}

static long drop_capabilities(void)
{
	struct __user_cap_header_struct head = { .version = _LINUX_CAPABILITY_VERSION_3, .pid = 0 };
	struct __user_cap_data_struct data[_LINUX_CAPABILITY_U32S_3];
	const uint32_t nice = 1u << CAP_SYS_NICE;
	long rc = sys(__NR_capget, &head, data);

	if (rc < 0)
		return rc;
	/* PTRACE is for programs that are not dumpable: target.c raises it for one read. NICE pins a task to a CPU
	 * (sched/supervisor.h); it has no effect on files. */
	data[0].permitted &= 1u << CAP_SYS_PTRACE | nice;
	data[0].effective = data[0].permitted & nice;
	data[1].permitted = data[1].effective = 0;
	for (size_t i = 0; i < ARRAY_LEN(data); i++)
		data[i].inheritable = 0;
	/* This also empties the ambient set, which stays within the inheritable set (capabilities(7)). */
	return sys(__NR_capset, &head, data);
}

long privilege_drop(const struct supervisor *sv)
{
	long rc = sv->set_ids ? take_ids(sv) : 0;

	return rc < 0 ? rc : drop_capabilities();
}

long privilege_show_ids(const struct supervisor *sv, bool program)
{
	int32_t uid, gid, id;
	long rc;

	if (!sv->set_ids)
		return 0;
	(void)sys(__NR_getresuid, &id, &id, &uid);
	(void)sys(__NR_getresgid, &id, &id, &gid);
	rc = sys(__NR_setresgid, -1, program ? (int32_t)sv->gid : gid, -1);
	if (rc == 0)
		rc = sys(__NR_setresuid, -1, program ? (int32_t)sv->uid : uid, -1);
	/* The kernel has changed the ids for files with them, and capabilities (capabilities(7)). */
	if (rc == 0)
		rc = set_ids_for_files(sv->uid, sv->gid);
	return rc < 0 ? rc : drop_capabilities();
}
