/* SPDX-License-Identifier: Apache-2.0 */
/* CORDON_TRACE: what host and cordon-init write, in which order, and that no program can reach the descriptor.
 *
 * The variable is read once, so whatever is traced is a process of its own: a scenario makes a pipe, has another one
 * run in it (self_run), and reads the lines afterwards. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include "support/supervised.h"

#define VARIABLE "CORDON_TRACE"
#define NOBODY 47112		/* a user of this test's alone: test_plain.c */
#define SECRET "do-not-write-this"
#define BINDS_MAX 249		/* all places for descriptors but that of a big message */

static char text[1 << 20];	/* the lines that were written */

/* ---- the traced process ---- */

/* A pipe for the lines, whose write end other programs inherit. *ret_fd is the read end. */
static int trace_pipe(int *ret_fd)
{
	int fds[2];

	REQUIRE(pipe2(fds, O_CLOEXEC) == 0);
	REQUIRE(fcntl(fds[1], F_SETFD, 0) == 0);
	REQUIRE(fcntl(fds[0], F_SETFL, O_NONBLOCK) == 0);
	REQUIRE(fcntl(fds[1], F_SETPIPE_SZ, 1 << 20) > 0);
	*ret_fd = fds[0];
	return fds[1];
}

/* Runs the scenario in a process of its own, as self_run does; what it has traced is in text. traced: with the
 * variable. */
static void run_process_as(const char *scenario, bool traced, uid_t id)
{
	int reader, writer = trace_pipe(&reader);
	size_t used = 0;
	char number[16];
	ssize_t n;

	snprintf(number, sizeof number, "%d", writer);
	REQUIRE(traced ? setenv(VARIABLE, number, 1) == 0 : unsetenv(VARIABLE) == 0);
	CHECK_EQ(self_run(scenario, id), 0);
	REQUIRE(unsetenv(VARIABLE) == 0);
	close(writer);
	while ((n = read(reader, text + used, sizeof text - 1 - used)) > 0)
		used += (size_t)n;
	text[used] = '\0';
	close(reader);
}

static void run_process(const char *scenario, bool traced)
{
	run_process_as(scenario, traced, 0);
}

/* ---- lines ---- */

/* Behind the first line at or after `from` that has the text; fails where there is none. */
static const char *after_line(const char *from, const char *part)
{
	const char *at = from != NULL ? strstr(from, part) : NULL;

	if (at == NULL) {
		TEST_FAIL("no \"%s\" after: %.400s", part, from != NULL ? from : "nothing");
		return NULL;
	}
	return strchr(at, '\n') + 1;
}

/* Lines with all these texts, in this order. */
static const char *in_order(const char *from, const char *const *parts)
{
	for (; *parts != NULL; parts++)
		from = after_line(from, *parts);
	return from;
}

static bool has_line(const char *part)
{
	return strstr(text, part) != NULL;
}

/* Every line is whole: time, writer, sandbox, what it is about. The times of each writer never go back. */
static void check_lines(void)
{
	unsigned long long last[2] = { 0, 0 };

	CHECK(text[0] != '\0');
	for (char *line = text, *end; *line != '\0'; line = end + 1) {
		unsigned long long seconds, micros;
		char who[64], sandbox[16], what[16];

		end = strchr(line, '\n');
		REQUIRE(end != NULL);
		if (sscanf(line, "%llu.%6llu %63s %15s %15s", &seconds, &micros, who, sandbox, what) != 5 ||
		    (strcmp(who, "init") != 0 && strncmp(who, "host:", 5) != 0) ||
		    (strcmp(sandbox, "-") != 0 && atoi(sandbox) <= 1) ||
		    strspn(what, "abcdefghijklmnopqrstuvwxyz") != strlen(what))
			TEST_FAIL("no line of a trace: %.*s", (int)(end - line), line);
		seconds = seconds * 1000000 + micros;
		CHECK(seconds >= last[who[0] == 'i']);
		last[who[0] == 'i'] = seconds;
		for (const char *c = line; c < end; c++)
			CHECK(*c >= ' ' && *c < 0x7f);
	}
}

/* ---- scenarios that are traced ---- */

static void once(void)
{
	struct sandbox s;
	struct outcome o;

	sandbox_init(&s);
	sandbox_run(&s, ARGV("/bin/sh", "-c", "echo $1 >&2; exit 0", "sh", SECRET), &o);
	CHECK_OK(&o);
	outcome_done(&o);
}

static void missing(void)
{
	struct sandbox s;
	struct outcome o;

	sandbox_init(&s);
	sandbox_run(&s, ARGV("/no such\nfile"), &o);
	CHECK_ERROR(&o, CORDON_STEP_EXECVE, ENOENT);
	outcome_done(&o);
}

static void kept(void)
{
	struct outcome o;
	struct kept k;

	sandbox_init(&k.s);
	KEPT_OPEN(&k);
	kept_start(&k, ARGV("/bin/sh", "-c", "echo > /w/file"), CORDON_RUN_RESET, &o);
	outcome_wait(&o);
	CHECK_OK(&o);
	outcome_done(&o);
	k.s.command.limits.wall_time_ns = 300 * MS;
	kept_run(&k, ARGV("/bin/sleep", "20"), &o);
	CHECK_STATUS(&o, CORDON_STATUS_TIME_LIMIT_EXCEEDED, CORDON_CAUSE_WALL);
	outcome_done(&o);
	k.s.command.limits.cpu_time_ns = 100 * MS;
	k.s.command.limits.wall_time_ns = 20 * SEC;
	kept_run(&k, ARGV("/bin/sh", "-c", "while :; do :; done"), &o);
	CHECK_STATUS(&o, CORDON_STATUS_TIME_LIMIT_EXCEEDED, CORDON_CAUSE_CPU);
	outcome_done(&o);
	KEPT_CLOSE(&k);
}

static void paused_and_cancelled(void)
{
	struct cordon_error err;
	struct outcome o;
	struct kept k;

	sandbox_init(&k.s);
	KEPT_OPEN(&k);
	kept_start(&k, ARGV("/bin/sleep", "20"), 0, &o);
	REQUIRE(o.run != NULL);
	MUST(cordon_container_pause(k.c, 1, &err), &err);
	MUST(cordon_container_pause(k.c, 0, &err), &err);
	cordon_run_cancel(o.run);
	outcome_wait(&o);
	CHECK_STATUS(&o, CORDON_STATUS_CANCELLED, CORDON_CAUSE_NONE);
	outcome_done(&o);
	KEPT_CLOSE(&k);
}

/* ---- the descriptor ---- */

/* The trace's pipe, as /proc shows it: in a traced process. */
static const char *pipe_name(void)
{
	static char name[64];
	struct stat st;

	REQUIRE(getenv(VARIABLE) != NULL && fstat(atoi(getenv(VARIABLE)), &st) == 0 && S_ISFIFO(st.st_mode));
	snprintf(name, sizeof name, "pipe:[%llu]", (unsigned long long)st.st_ino);
	return name;
}

/* Its own descriptors, and those of every process that it can look at. */
#define LIST ARGV("/bin/sh", "-c", "ls -l /proc/self/fd; ls -l /proc/[0-9]*/fd 2>/dev/null; echo done")

static void check_hidden(const struct outcome *o)
{
	CHECK_OK(o);
	CHECK(strstr(o->out, " 0 -> ") != NULL && strstr(o->out, " 1 -> ") != NULL && strstr(o->out, "done\n") != NULL);
	if (strstr(o->out, pipe_name()) != NULL)
		TEST_FAIL("the program has the trace's descriptor: %s", o->out);
}

static void hidden_in(struct sandbox *s)
{
	struct outcome o;

	sandbox_run(s, LIST, &o);
	check_hidden(&o);
	outcome_done(&o);
}

static void hidden_in_kept(struct kept *k)
{
	struct outcome o;

	KEPT_OPEN(k);
	for (int i = 0; i < 2; i++) {
		kept_start(k, LIST, CORDON_RUN_RESET, &o);
		outcome_wait(&o);
		check_hidden(&o);
		outcome_done(&o);
	}
	KEPT_CLOSE(k);
}

static void hidden(void)
{
	struct sandbox s;

	sandbox_init(&s);
	hidden_in(&s);
}

static void hidden_kept(void)
{
	struct kept k;

	sandbox_init(&k.s);
	hidden_in_kept(&k);
}

/* In the container's own handle and in a sidecar at the same time. */
static void hidden_shared(void)
{
	struct cordon_container *own, *sidecar = NULL;
	struct cordon_error err;
	struct outcome o[2];
	struct kept k;

	sandbox_init(&k.s);
	k.s.config.shared = 1;
	KEPT_OPEN(&k);
	own = k.c;
	MUST(cordon_container_sidecar(own, &sidecar, &err), &err);
	for (int i = 0; i < 2; i++) {
		k.c = i == 0 ? own : sidecar;
		kept_start(&k, LIST, 0, &o[i]);
	}
	for (int i = 0; i < 2; i++) {
		outcome_wait(&o[i]);
		check_hidden(&o[i]);
		outcome_done(&o[i]);
	}
	cordon_container_free(sidecar);
	k.c = own;
	KEPT_CLOSE(&k);
}

static void hidden_from_init_command(void)
{
	char script[256];
	const char *const command[] = { "/bin/sh", "-c", script, NULL };
	struct kept k;

	snprintf(script, sizeof script, "ls -l /proc/self/fd >/dev/null && ! ls -l /proc/self/fd | grep -F '%s'",
		 pipe_name());
	sandbox_init(&k.s);
	k.s.config.init_command = command;
	hidden_in_kept(&k);
}

static void hidden_supervised(uint32_t engine)
{
	struct supervised v;

	supervised_init(&v, engine);
	supervised_syscall(&v, "getpriority", CORDON_DECISION_ALLOW);
	hidden_in(&v.s);
}
BOTH_ENGINES(hidden_supervised)

/* v becomes what s runs under: no namespaces, and for root, whose program is another user, a policy that lets it read
 * everything. Nothing but the policy keeps a program of the caller's own user from the caller's descriptors. */
static void without_namespaces(struct sandbox *s, struct supervised *v)
{
	if (getuid() == 0)
		supervised_path(v, "/", CORDON_PATH_TREE, ACCESS_RX);
	else
		supervised_files(v);
	supervised_path(v, "/dev/null", CORDON_PATH_ONLY, ACCESS_RW);
	s->command.supervisor = v->s.command.supervisor;
	s->command.work_dir = "/";
	s->config.nmounts = 0;
	s->config.namespaces = CORDON_NAMESPACES_NONE;
	if (getuid() == 0)
		s->config.host_uid = s->config.host_gid = NOBODY;
}

static void hidden_without_namespaces(void)
{
	struct supervised v;

	supervised_init(&v, CORDON_ENGINE_AUTO);
	without_namespaces(&v.s, &v);
	hidden_in(&v.s);
}

static void hidden_kept_without_namespaces(void)
{
	struct supervised v;
	struct kept k;

	supervised_init(&v, CORDON_ENGINE_AUTO);
	sandbox_init(&k.s);
	without_namespaces(&k.s, &v);
	hidden_in_kept(&k);
}

/* The list shows the trace where a program is given it on purpose: what the others do not find could be found. */
static void given(void)
{
	struct cordon_fd fd = { .fd = atoi(getenv(VARIABLE)), .target = 7 };
	struct sandbox s;
	struct outcome o;

	sandbox_init(&s);
	s.command.fds = &fd;
	s.command.nfds = 1;
	sandbox_run(&s, LIST, &o);
	CHECK_OK(&o);
	CHECK(strstr(o.out, pipe_name()) != NULL);
	outcome_done(&o);
}

/* cordon-init's own is close-on-exec, and not its socket's place. */
static void closed_on_exec(void)
{
	struct kept k;
	bool found = false;

	if (getuid() != 0)
		SKIP_SCENARIO("root: init's descriptors can't be seen");
	sandbox_init(&k.s);
	KEPT_OPEN(&k);
	for (int fd = 0; fd < 64; fd++) {
		char path[64], link[64] = "", *info;
		unsigned flags = 0;

		snprintf(path, sizeof path, "/proc/%d/fd/%d", cordon_container_pid(k.c), fd);
		if (readlink(path, link, sizeof link - 1) < 0 || strcmp(link, pipe_name()) != 0)
			continue;
		snprintf(path, sizeof path, "/proc/%d/fdinfo/%d", cordon_container_pid(k.c), fd);
		info = file_read(path);
		REQUIRE(info != NULL && sscanf(strstr(info, "flags:"), "flags: %o", &flags) == 1);
		free(info);
		CHECK((flags & O_CLOEXEC) != 0);
		CHECK((flags & O_ACCMODE) == O_WRONLY);
		CHECK(fd > 2 && !found);
		found = true;
	}
	CHECK(found);
	KEPT_CLOSE(&k);
}

/* As many binds as a message holds descriptors: the sandbox is the same, and init does without a trace. */
static void many_binds(void)
{
	struct cordon_mount mounts[BINDS_MAX + SANDBOX_MOUNTS_MAX];
	char targets[BINDS_MAX][32];
	uint32_t binds = 0, n;
	struct sandbox s;
	struct outcome o;

	sandbox_init(&s);
	n = s.config.nmounts;
	memcpy(mounts, s.config.mounts, n * sizeof mounts[0]);
	for (uint32_t i = 0; i < n; i++)
		binds += mounts[i].type == CORDON_MOUNT_BIND && (access(mounts[i].source, F_OK) == 0);
	for (uint32_t i = 0; binds + i < BINDS_MAX; i++) {
		snprintf(targets[i], sizeof targets[i], "/tmp/bind%u", i);
		mounts[n++] = (struct cordon_mount){
			.type = CORDON_MOUNT_BIND, .source = "/usr", .target = targets[i],
		};
	}
	s.config.mounts = mounts;
	s.config.nmounts = n;
	sandbox_run(&s, ARGV("/bin/sh", "-c", "ls -d /tmp/bind* | wc -l"), &o);
	CHECK_OK(&o);
	CHECK_EQ(atoi(o.out), BINDS_MAX - binds);
	outcome_done(&o);
}

static void bad_value(void)
{
	REQUIRE(setenv(VARIABLE, "not a number", 1) == 0);
	once();
	once();
}

/* ---- Scenarios ---- */

static void a_run_is_told_from_both_sides(void)
{
	static const char *const host[] = {
		" - state OPENING from=-", " start namespaces=1 ", " send CONF id=1 ", " deadline in_us=",
		" send EXECVE id=2 ", " state RUNNING from=OPENING", " deadline in_us=",
		" recv FINISHED id=2 ", " result status=OK cause=NONE exit=0 signal=0",
		" state DONE from=RUNNING", NULL,
	};
	static const char *const init[] = {
		" recv CONF id=1 ", " step root rc=0", " step privileges rc=0", " state READY from=INIT",
		" recv EXECVE id=2 ", " step start rc=0", " started pid=2 execve=2",
		" deadline wall_us=100000000 cpu_us=5000000 idle_us=none", " state RUNNING from=READY",
		" ended pid=2 status=0", " state READY from=RUNNING", " send FINISHED id=2 ",
		NULL,	/* it then exits, unless the host is faster to kill it */
	};
	static const char *const both[] = {
		" send CONF id=1 ", " recv CONF id=1 ", " recv EXECVE id=2 ", " send FINISHED id=2 ",
		" recv FINISHED id=2 ", NULL,
	};

	run_process("once", true);
	check_lines();
	(void)in_order(text, host);
	(void)in_order(text, init);
	(void)in_order(text, both);
	CHECK(!has_line("lost="));
	CHECK(!has_line(SECRET));	/* neither argv nor output */
}

static void all_lines_of_a_sandbox_have_its_number(void)
{
	char *start, part[32];

	run_process("once", true);
	start = strstr(text, " start ");
	REQUIRE(start != NULL);
	while (start[-1] != ' ')
		start--;
	snprintf(part, sizeof part, " %d ", atoi(start));
	for (const char *line = start; line != NULL && line[1] != '\0'; line = strchr(line, '\n')) {
		const char *next = line[0] == '\n' ? line + 1 : line;

		CHECK(next == line || strstr(next, part) < strchr(next, '\n'));
		line = next;
	}
}

static void a_failed_step_of_the_child_is_named(void)
{
	static const char *const want[] = {
		" init ", " step start rc=-2",
		" failed step=EXECVE errno=2 index=-1 at=child detail=/no\\x20such\\x0afile",
		" send ERROR id=2 ", " recv ERROR id=2 ",
		" failed step=EXECVE errno=2 index=-1 at=child detail=/no\\x20such\\x0afile",
		" state DONE from=RUNNING", NULL,
	};

	run_process("missing", true);
	check_lines();
	(void)in_order(text, want);
}

/* The pipe is not its own, so it can't be opened anew. */
static void another_user_traces_too(void)
{
	if (getuid() != 0)
		SKIP_SCENARIO("root: cannot become another user");
	run_process_as("once", true, ANOTHER_USER);
	check_lines();
	CHECK(has_line(" init ") && has_line(" state DONE from=RUNNING"));
}

static void limits_and_resets_are_told(void)
{
	static const char *const want[] = {
		" recv OK id=1 ", " send RESET id=3 ", " recv RESET id=3 ", " step mounts rc=0",
		" step keyrings rc=0", NULL,
	};
	static const char *const wall[] = {
		" deadline wall_us=300000 ", " deadline passed cause=WALL", " kill pid=", " status=9",
		" cause=WALL ", NULL,
	};
	static const char *const cpu[] = {
		" cpu_us=100000 ", " send LONG id=", " deadline passed cause=CPU",
		" kill pid=", " cause=CPU ", NULL,
	};

	run_process("kept", true);
	check_lines();
	(void)in_order(text, want);
	(void)in_order(text, wall);
	(void)in_order(text, cpu);
	CHECK(has_line(" exit why=end-of-socket ") || has_line(" stop by=kill"));
}

static void pauses_and_cancels_are_told(void)
{
	static const char *const want[] = {
		" send PAUSE id=0 ", " send RESUME id=0 ", " cancel by=caller", " kill cancelled=1 ",
		" send KILL ", " recv FINISHED ", " result status=CANCELLED ", NULL,
	};
	static const char *const init[] = {
		" recv PAUSE ", " state PAUSED from=RUNNING", " recv RESUME ", " state RUNNING from=PAUSED",
		" recv KILL ", " kill pid=", NULL,
	};

	run_process("paused_and_cancelled", true);
	check_lines();
	(void)in_order(text, want);
	(void)in_order(text, init);
}

static void no_program_has_the_descriptor(void)
{
	static const char *const all[] = {
		"hidden", "hidden_kept", "hidden_from_init_command", "hidden_supervised_notify",
		"hidden_supervised_ptrace", "hidden_without_namespaces", "hidden_kept_without_namespaces",
	};

	run_process("given", true);
	for (size_t i = 0; i < LENGTH(all); i++) {
		run_process(all[i], true);
		check_lines();
		if (!has_line(" init ") || !has_line(" started pid="))
			TEST_FAIL("%s: init has written nothing", all[i]);
	}
}

/* No check_lines: the two inits write at the same time, so their times may go back. */
static void sidecars_are_told_and_their_programs_do_not_have_the_descriptor(void)
{
	static const char *const host[] = {
		" send SIDECAR ", " sidecar pid=", " send SIDECAR ", " sidecar pid=", " send EXECVE ",
		" send EXECVE ", NULL,
	};
	static const char *const init[] = {
		" recv SIDECAR ", " sidecar child=", " recv SIDECAR ", " sidecar child=", " recv EXECVE ",
		" started pid=", NULL,
	};

	run_process("hidden_shared", true);
	(void)in_order(text, host);
	(void)in_order(text, init);
	CHECK(!has_line("lost="));
}

static void the_descriptor_of_init_is_closed_on_exec(void)
{
	run_process("closed_on_exec", true);
}

static void binds_take_the_place_of_the_trace(void)
{
	run_process("many_binds", true);
	check_lines();
	CHECK(has_line(" send CONF ") && has_line(" state DONE "));
	if (getuid() == 0)
		CHECK(!has_line(" init "));
}

static void nothing_is_written_without_the_variable(void)
{
	run_process("once", false);
	CHECK_STR(text, "");
}

static void a_bad_value_traces_nothing(void)
{
	run_process("bad_value", false);
	CHECK_STR(text, "");
}

int main(int argc, char **argv)
{
	static const struct scenario scenarios[] = {
		SCENARIO(a_run_is_told_from_both_sides),
		SCENARIO(all_lines_of_a_sandbox_have_its_number),
		SCENARIO(a_failed_step_of_the_child_is_named),
		SCENARIO(another_user_traces_too),
		SCENARIO(limits_and_resets_are_told),
		SCENARIO(pauses_and_cancels_are_told),
		SCENARIO(no_program_has_the_descriptor),
		SCENARIO(sidecars_are_told_and_their_programs_do_not_have_the_descriptor),
		SCENARIO(the_descriptor_of_init_is_closed_on_exec),
		SCENARIO(binds_take_the_place_of_the_trace),
		SCENARIO(nothing_is_written_without_the_variable),
		SCENARIO(a_bad_value_traces_nothing),
		SCENARIO_BY_NAME(once),
		SCENARIO_BY_NAME(missing),
		SCENARIO_BY_NAME(kept),
		SCENARIO_BY_NAME(paused_and_cancelled),
		SCENARIO_BY_NAME(hidden),
		SCENARIO_BY_NAME(hidden_kept),
		SCENARIO_BY_NAME(hidden_shared),
		SCENARIO_BY_NAME(hidden_from_init_command),
		SCENARIO_BY_NAME(hidden_supervised_notify),
		SCENARIO_BY_NAME(hidden_supervised_ptrace),
		SCENARIO_BY_NAME(hidden_without_namespaces),
		SCENARIO_BY_NAME(hidden_kept_without_namespaces),
		SCENARIO_BY_NAME(given),
		SCENARIO_BY_NAME(closed_on_exec),
		SCENARIO_BY_NAME(many_binds),
		SCENARIO_BY_NAME(bad_value),
	};

	return scenario_main(argc, argv, scenarios, LENGTH(scenarios));
}
