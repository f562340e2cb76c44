/* SPDX-License-Identifier: Apache-2.0 */
/* sandbox: see sandbox.h. */
#define _GNU_SOURCE
#include "support/sandbox.h"
#include "support/groups.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <grp.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>

static const char *const usual_env[] = { "PATH=/usr/local/bin:/usr/bin:/bin", "HOME=/w", "LANG=C.UTF-8", NULL };

static const char *sandbox_text(struct sandbox *s, const char *text)
{
	size_t len = strlen(text) + 1;
	char *copy = s->text + s->text_used;

	if (len > sizeof s->text - s->text_used)
		abort();
	memcpy(copy, text, len);
	s->text_used += len;
	return copy;
}

struct cordon_mount *sandbox_mount(struct sandbox *s, uint32_t type, uint32_t flags, const char *source,
				   const char *target)
{
	struct cordon_mount *m = &s->mounts[s->config.nmounts];

	if (s->config.nmounts == SANDBOX_MOUNTS_MAX)
		abort();
	s->config.nmounts++;
	memset(m, 0, sizeof *m);
	m->type = type;
	m->flags = flags;
	m->source = source ? sandbox_text(s, source) : NULL;
	m->target = sandbox_text(s, target);
	return m;
}

struct cordon_mount *sandbox_mount_find(struct sandbox *s, const char *target)
{
	for (uint32_t i = 0; i < s->config.nmounts; i++)
		if (strcmp(s->mounts[i].target, target) == 0)
			return &s->mounts[i];
	return NULL;
}

/* /bin may be a directory or, on a merged-/usr system, a link into /usr. */
static void sandbox_mount_like_host(struct sandbox *s, const char *path)
{
	char link[4096];
	ssize_t len = readlink(path, link, sizeof link - 1);

	if (len >= 0) {
		link[len] = '\0';
		sandbox_mount(s, CORDON_MOUNT_SYMLINK, 0, link, path);
	} else if (access(path, F_OK) == 0) {
		sandbox_mount(s, CORDON_MOUNT_BIND, 0, path, path);
	}
}

static void sandbox_mount_etc(struct sandbox *s)
{
	glob_t g;

	sandbox_mount(s, CORDON_MOUNT_BIND, CORDON_MOUNT_OPTIONAL, "/etc/alternatives", "/etc/alternatives");
	sandbox_mount(s, CORDON_MOUNT_BIND, CORDON_MOUNT_OPTIONAL, "/etc/ld.so.cache", "/etc/ld.so.cache");
	if (glob("/etc/java-*", 0, NULL, &g) != 0)
		return;
	for (size_t i = 0; i < g.gl_pathc && i < 8; i++)
		sandbox_mount(s, CORDON_MOUNT_BIND, 0, g.gl_pathv[i], g.gl_pathv[i]);
	globfree(&g);
}

void sandbox_init(struct sandbox *s)
{
	static const char *const dirs[] = { "/bin", "/sbin", "/lib", "/lib32", "/lib64" };
	const char *programs = getenv("CORDON_TEST_PROGRAMS");

	memset(s, 0, sizeof *s);
	cordon_container_config_init(&s->config);
	cordon_command_init(&s->command);
	s->config.mounts = s->mounts;
	s->config.nmounts = 0;
	sandbox_mount(s, CORDON_MOUNT_BIND, 0, "/usr", "/usr");
	for (size_t i = 0; i < LENGTH(dirs); i++)
		sandbox_mount_like_host(s, dirs[i]);
	sandbox_mount_etc(s);
	if (programs)
		sandbox_mount(s, CORDON_MOUNT_BIND, 0, programs, "/programs");
	sandbox_mount(s, CORDON_MOUNT_DEV, 0, NULL, "/dev");
	sandbox_mount(s, CORDON_MOUNT_PROC, 0, NULL, "/proc");
	sandbox_mount(s, CORDON_MOUNT_TMPFS, 0, NULL, "/tmp")->mode = 01777;
	sandbox_mount(s, CORDON_MOUNT_TMPFS, 0, NULL, "/w");

	s->command.envp = usual_env;
	s->command.work_dir = "/w";
	for (int i = 1; i < 3; i++) {
		s->command.stdio[i].kind = CORDON_STDIO_CAPTURE;
		s->command.stdio[i].limit_bytes = MIB;
	}
	s->command.limits.cpu_time_ns = 5 * SEC;
	s->command.limits.wall_time_ns = 100 * SEC;
	s->command.limits.memory_bytes = 256 * MIB;
	s->command.limits.processes = 64;
}

/* A pattern no success may change (error.h, I1). */
static void error_paint(struct cordon_error *err)
{
	memset(err, 0x5a, sizeof *err);
}

static bool error_painted(const struct cordon_error *err)
{
	struct cordon_error paint;

	error_paint(&paint);
	return memcmp(&paint, err, sizeof paint) == 0;
}

static void outcome_begin(struct outcome *o)
{
	static const struct cordon_result nothing;

	memset(o, 0, sizeof *o);
	o->result = &nothing;
	error_paint(&o->err);
}

static void outcome_opened(struct outcome *o)
{
	if (o->rc != 0)
		o->run = NULL;
	o->err_touched = o->rc == 0 && !error_painted(&o->err);
}

void sandbox_open(struct sandbox *s, const char *const *argv, struct outcome *ret)
{
	outcome_begin(ret);
	s->command.argv = argv;
	ret->rc = cordon_run_open(&s->config, &s->command, &ret->run, &ret->err);
	outcome_opened(ret);
}

static char *output_text(const struct cordon_output *output)
{
	char *text = malloc(output->len + 1);

	if (!text)
		abort();
	if (output->len)
		memcpy(text, output->data, output->len);
	text[output->len] = '\0';
	return text;
}

void outcome_wait(struct outcome *o)
{
	if (o->run) {
		while (cordon_run_wait(o->run) == CORDON_RUN_SYNC)
			cordon_run_release(o->run, 1);
		error_paint(&o->err);
		o->rc = cordon_run_result(o->run, &o->result, &o->err);
		o->ran = o->rc == 0;
		o->err_touched |= o->ran && !error_painted(&o->err);
	}
	o->out = output_text(&o->result->output[0]);
	o->errout = output_text(&o->result->output[1]);
}

void sandbox_run(struct sandbox *s, const char *const *argv, struct outcome *ret)
{
	sandbox_open(s, argv, ret);
	outcome_wait(ret);
}

void outcome_done(struct outcome *o)
{
	cordon_run_free(o->run);
	free(o->out);
	free(o->errout);
	memset(o, 0, sizeof *o);
}

const char *outcome_describe(const struct outcome *o, char *buf, size_t size)
{
	char text[512];
	const char *status, *cause;

	if (!o->ran) {
		snprintf(buf, size, "error (rc %d) %s %s", o->rc, cordon_step_name(o->err.step),
			 cordon_error_describe(&o->err, text, sizeof text));
		return buf;
	}
	status = cordon_status_name(o->result->status);
	cause = cordon_cause_name(o->result->cause);
	snprintf(buf, size,
		 "status %s cause %s exit %d signal %d cpu %.3f s wall %.3f s memory %.2f MiB syscall %d%s "
		 "stdout \"%.300s\" stderr \"%.600s\"",
		 status ? status : "?", cause ? cause : "?", o->result->exit_code, o->result->signal,
		 (double)o->result->cpu_time_ns / 1e9, (double)o->result->wall_time_ns / 1e9,
		 (double)o->result->memory_peak_bytes / (double)MIB, o->result->syscall,
		 o->err_touched ? " (and an error was written)" : "", o->out ? o->out : "", o->errout ? o->errout : "");
	return buf;
}

bool run_until_readable(struct cordon_run *run, int fd)
{
	uint64_t end = now_ns() + 10 * SEC;

	for (;;) {
		struct pollfd p[2] = { { .fd = fd, .events = POLLIN }, { .fd = cordon_run_fd(run), .events = POLLIN } };
		int64_t timeout = cordon_run_timeout_ns(run);
		int ms = timeout < 0 || timeout > (int64_t)SEC ? 1000 : (int)(timeout / (int64_t)MS) + 1;

		if (poll(p, 2, ms) < 0 && errno != EINTR)
			return false;
		if (p[0].revents)
			return (p[0].revents & POLLIN) != 0;
		if (now_ns() > end || cordon_run_step(run) == CORDON_RUN_DONE)
			return false;
	}
}

long text_number(const char *text, const char *name, long missing)
{
	size_t len = strlen(name);

	for (const char *line = text; line && *line; line = strchr(line, '\n')) {
		if (*line == '\n')
			line++;
		if (strncmp(line, name, len) == 0 && line[len] == '=')
			return strtol(line + len + 1, NULL, 10);
	}
	return missing;
}

long long status_field(const char *text, const char *name, int base)
{
	char start[64];
	const char *at;

	snprintf(start, sizeof start, "\n%s:", name);
	at = strstr(text, start);
	return at ? strtoll(at + strlen(start), NULL, base) : -1;
}

char *file_read(const char *path)
{
	FILE *f = fopen(path, "re");
	size_t len = 0, room = 1 << 16;
	char *text = malloc(room);

	if (!f || !text) {
		if (f)
			(void)fclose(f);	/* only read */
		free(text);
		return NULL;
	}
	for (;;) {
		size_t n = fread(text + len, 1, room - len - 1, f);

		if (n == 0)
			break;
		len += n;
		if (len + 1 == room) {
			room *= 2;
			text = realloc(text, room);
			if (!text)
				abort();
		}
	}
	(void)fclose(f);	/* only read */
	text[len] = '\0';
	return text;
}

bool file_write(const char *path, const void *data, size_t len)
{
	FILE *f = fopen(path, "we");
	bool good;

	if (!f)
		return false;
	good = fwrite(data, 1, len, f) == len;
	return fclose(f) == 0 && good;
}

/* -- a container that is kept -- */

int kept_open(struct kept *k, struct cordon_error *err)
{
	int rc;

	k->c = NULL;
	k->s.config.mounts = k->s.mounts;
	error_paint(err);
	rc = cordon_container_open(&k->s.config, &k->c, err);
	if (rc == 0 && !error_painted(err))
		abort();
	if (rc < 0)
		k->c = NULL;
	return rc;
}

void kept_start(struct kept *k, const char *const *argv, uint32_t flags, struct outcome *ret)
{
	outcome_begin(ret);
	k->s.command.argv = argv;
	ret->rc = cordon_container_run_open(k->c, &k->s.command, flags, &ret->run, &ret->err);
	outcome_opened(ret);
}

void kept_run(struct kept *k, const char *const *argv, struct outcome *ret)
{
	kept_start(k, argv, 0, ret);
	outcome_wait(ret);
}

bool kept_close(struct kept *k)
{
	pid_t pid = cordon_container_pid(k->c);

	cordon_container_free(k->c);
	k->c = NULL;
	return kill(pid, 0) != 0 && errno == ESRCH;
}

/* -- leaks -- */

static long entries_count(const char *path)
{
	DIR *d = opendir(path);
	long n = 0;

	if (!d)
		return -1;
	while (readdir(d))
		n++;
	closedir(d);
	return n;
}

/* /proc/PID/stat shows every child, also one that wait(2) shows only with __WALL. */
static long children_count(pid_t pid, bool zombies)
{
	DIR *d = opendir("/proc");
	struct dirent *e;
	long n = 0;

	if (!d)
		return -1;
	while ((e = readdir(d))) {
		char path[300], *stat, *at;
		char state;
		int parent;

		if (e->d_name[0] < '0' || e->d_name[0] > '9')
			continue;
		snprintf(path, sizeof path, "/proc/%s/stat", e->d_name);
		stat = file_read(path);
		/* The name may hold anything; the fields follow its last ')'. */
		at = stat ? strrchr(stat, ')') : NULL;
		if (at && sscanf(at + 1, " %c %d", &state, &parent) == 2 && parent == pid)
			n += zombies || (state != 'Z' && state != 'X');
		free(stat);
	}
	closedir(d);
	return n;
}

long children_of(pid_t pid)
{
	return children_count(pid, true);
}

long fds_of(pid_t pid)
{
	char path[64];
	long n;

	snprintf(path, sizeof path, "/proc/%d/fd", (int)pid);
	n = entries_count(path);
	return n < 0 ? n : n - 2;
}

bool settles(pid_t pid, long fds, long children)
{
	const struct timespec pause = { .tv_nsec = 2000000 };
	uint64_t end = now_ns() + 10 * SEC;

	while (now_ns() < end) {
		if (fds_of(pid) <= fds && children_count(pid, false) <= children)
			return true;
		nanosleep(&pause, NULL);
	}
	return false;
}

static long lines_count(const char *path)
{
	char *text = file_read(path);
	long n = 0;

	for (const char *c = text; c && *c; c++)
		n += *c == '\n';
	free(text);
	return n;
}

void mounts_of_our_own(void)
{
	if (geteuid() != 0 || unshare(CLONE_NEWNS) != 0)
		return;	/* then the comparison also shows mounts of other processes */
	if (mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) != 0 ||
	    mount(NULL, "/", NULL, MS_REC | MS_SHARED, NULL) != 0)
		abort();
}

void leaks_take(struct leaks *ret)
{
	ret->fds = entries_count("/proc/self/fd");
	ret->children = children_of(getpid());
	ret->mounts = lines_count("/proc/self/mountinfo");
	ret->cgroups = cgroups_of(getpid());
}

uint64_t rss_bytes(void)
{
	char *text = file_read("/proc/self/status");
	long long kib = text ? status_field(text, "VmRSS", 10) : -1;

	free(text);
	return kib < 0 ? 0 : (uint64_t)kib * 1024;
}

uint64_t now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * SEC + (uint64_t)t.tv_nsec;
}

int self_run(const char *scenario, uid_t id)
{
	unsigned left = test_watch_left();
	char seconds[16];
	int status;
	pid_t pid;

	snprintf(seconds, sizeof seconds, "%u", left);
	pid = fork();
	if (pid < 0)
		return -1;
	if (pid == 0) {
		if (id != 0 && (setgroups(0, NULL) != 0 || setresgid(id, id, id) != 0 || setresuid(id, id, id) != 0))
			_exit(126);
		/* So that it gives up first, and says where it hangs. */
		if (left > 0 && setenv("CORDON_TEST_SECONDS", seconds, 1) != 0)
			_exit(125);
		execl("/proc/self/exe", program_invocation_short_name, scenario, (char *)NULL);
		_exit(127);
	}
	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return -1;
	return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

void self_run_all(const struct scenario *scenarios, size_t n, uid_t id)
{
	for (size_t i = 0; i < n; i++)
		CHECK_EQ(self_run(scenarios[i].name, id), 0);
}
