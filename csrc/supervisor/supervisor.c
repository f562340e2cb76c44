#include "supervisor/supervisor.h"

#include <linux/capability.h>
#include <linux/errno.h>
#include <linux/prctl.h>
#include <linux/signal.h>
#include "base/base.h"

/* descending: the highest first. Two are all that anybody keeps. */
static void close_others(const int *keep, uint32_t nkeep)
{
	unsigned first = 0;
	int low = -1;

	for (uint32_t done = 0; done < nkeep; done++) {
		int next = -1;

		for (uint32_t i = 0; i < nkeep; i++)
			if (keep[i] > low && (next < 0 || keep[i] < next))
				next = keep[i];
		if (next < 0)
			break;
		if ((unsigned)next > first)
			(void)sys(__NR_close_range, first, next - 1, 0);
		first = (unsigned)next + 1;
		low = next;
	}
	(void)sys(__NR_close_range, first, ~0U, 0);
}

/* The real ids are the program's, so that its memory may be read (ptrace(2), PTRACE_MODE_REALCREDS), and those for files; the effective
 * and saved ones stay init's, whom the program can't signal or trace by them. */
static void take_ids(const struct supervisor *sv)
{
	if (!sv->set_ids)
		return;
	(void)sys(__NR_setresgid, sv->gid, -1, -1);
	(void)sys(__NR_setfsgid, sv->gid);
	(void)sys(__NR_setresuid, sv->uid, -1, -1);
	(void)sys(__NR_setfsuid, sv->uid);
}

static bool ids_taken(const struct supervisor *sv)
{
	/* -1 is no id: the call changes nothing and tells what holds (setfsuid(2)). */
	return !sv->set_ids || ((uint32_t)sys(__NR_setfsuid, -1) == sv->uid && (uint32_t)sys(__NR_setfsgid, -1) == sv->gid);
}

static long drop_caps(void)
{
	struct __user_cap_header_struct head = { .version = _LINUX_CAPABILITY_VERSION_3, .pid = 0 };
	struct __user_cap_data_struct data[_LINUX_CAPABILITY_U32S_3];
	long rc = sys(__NR_capget, &head, data);

	if (rc < 0)
		return rc;
	for (size_t i = 0; i < ARRAY_LEN(data); i++)
		data[i].inheritable = 0;
	/* PTRACE is for a program that is not dumpable: target.c raises it for one read. NICE moves a tracee to another CPU (near.h), and
	 * means nothing to a file system. */
	data[0].permitted &= 1u << CAP_SYS_PTRACE | 1u << CAP_SYS_NICE;
	data[0].effective &= 1u << CAP_SYS_NICE;
	data[1].permitted = data[1].effective = 0;
	return sys(__NR_capset, &head, data);	/* the ambient set goes with the inheritable one */
}

void supervisor_settle(struct supervisor *sv, const int *keep, uint32_t nkeep)
{
	close_others(keep, nkeep);
	take_ids(sv);
	(void)sys(__NR_umask, 0);
	(void)sys(__NR_prctl, PR_SET_NAME, "cordon-super", 0, 0, 0);
	if (drop_caps() < 0 || !ids_taken(sv))	/* never with more rights than the program: then rather not at all */
		for (;;)
			(void)sys(__NR_exit_group, 1);
	if (sv->own_tree)	/* after the change of ids, which clears it */
		(void)sys(__NR_prctl, PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
}

static bool same_path(const struct cordon_event *e, const char *path, uint32_t len)
{
	if (e->path_len != len)
		return false;
	for (uint32_t i = 0; i < len; i++)
		if (e->path[i] != path[i])
			return false;
	return true;
}

void supervisor_event(struct supervisor *sv, enum cordon_event_kind kind, const struct stop *s, int32_t err, const char *path)
{
	uint32_t len = path != NULL ? (uint32_t)u64_min(str_len(path), CORDON_EVENT_PATH_MAX) : 0;
	struct cordon_event *e = &sv->events[sv->nevents > 0 ? sv->nevents - 1 : 0];

	sv->events_total++;
	if (sv->nevents > 0 && e->kind == (uint32_t)kind && e->syscall == (int32_t)s->nr && e->err == err && same_path(e, path, len))
		return;
	if (sv->nevents < CORDON_EVENTS_MAX)
		e = &sv->events[sv->nevents++];
	else if (err >= 0)
		return;	/* an end is always told: in the last one's place */
	*e = (struct cordon_event){
		.kind = (uint32_t)kind, .syscall = (int32_t)s->nr, .err = err, .pid = s->tid, .time_ns = clock_ns(), .ip = s->ip,
		.arch = s->arch, .path_len = len,
	};
	bytes_copy(e->args, s->args, sizeof e->args);
	bytes_copy(e->path, path, len);
}

bool supervisor_counts(const struct supervisor *sv)
{
	return (sv->flags & CORDON_SUPERVISOR_RECORD) != 0 || sv->ncalls > 0;
}

void supervisor_kill(struct supervisor *sv)
{
	uint64_t one = 1;
	int wake_fd = sv->engine == CORDON_ENGINE_NOTIFY ? sv->parked_wake : sv->wake_fd;

	sv->violation = (int32_t)sv->nevents - 1;
	__atomic_store_n(&sv->killed, 1, __ATOMIC_RELEASE);
	(void)sys(__NR_write, wake_fd, &one, sizeof one);
	while (sv->own_tree)	/* PTRACE_O_EXITKILL; kill(-1) would reach the caller's processes */
		(void)sys(__NR_exit_group, 0);
	(void)sys(__NR_kill, -1, SIGKILL);	/* neither pid 1 nor the caller */
}
