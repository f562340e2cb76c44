/* SPDX-License-Identifier: Apache-2.0 */
/* make_corpus: the seeds of the fuzz tests: one valid message of each kind, so that the fuzzers start behind the first
 * checks.
 *
 *   make_corpus write DIR     writes corpus/wire and corpus/request into DIR, which must exist
 *   make_corpus check DIR     fails if one of them differs from what write would make: the protocol has changed
 *
 * Other files there, for example crashes that were fixed, are not touched. Messages come from the library's encoder;
 * requests, which Java encodes, are written here after jni/format.h. */
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "cordon/container.h"
#include "fuzz_wire.h"
#include "jni/format.h"
#include "jni/request.h"
#include "wire/wire.h"

static const char *dir;
static bool checking;
static int failures;

static _Alignas(8) unsigned char seed[16384 + 8];
static size_t seed_len;

static void save(const char *fuzzer, const char *name)
{
	unsigned char found[sizeof seed + 1];
	char path[4096];
	bool good;
	FILE *f;

	snprintf(path, sizeof path, "%s/corpus/%s/%s", dir, fuzzer, name);
	f = fopen(path, checking ? "re" : "we");
	if (f != NULL && checking)
		good = fread(found, 1, sizeof found, f) == seed_len && memcmp(found, seed, seed_len) == 0;
	else
		good = f != NULL && fwrite(seed, 1, seed_len, f) == seed_len;
	if (f == NULL || fclose(f) != 0 || !good) {
		fprintf(stderr, "%s: %s\n", path,
			checking ? "not what the encoder makes: run make_corpus write" : "cannot be written");
		failures++;
	}
}

/* ---- wire ---- */

static struct wire_buf wire;
static _Alignas(8) unsigned char message[16384];

static void wire_save(const char *name, enum fuzz_wire_decoder decoder, uint8_t nfds, uint8_t nitems)
{
	const struct fuzz_wire_head head = { (uint8_t)decoder, nfds, nitems };
	int size = wire_end(&wire);

	if (size < 0)
		abort();
	memcpy(seed, &head, sizeof head);
	memcpy(seed + sizeof head, message, (size_t)size);
	seed_len = sizeof head + (size_t)size;
	save("wire", name);
}

static void conf(void)
{
	static const char *const command[] = { "/sbin/ip", "link", NULL };
	const uint64_t filter[] = { 0x7fff000000000006 };
	struct cordon_msg_conf *m = (struct cordon_msg_conf *)message;
	struct cordon_conf_mount mounts[] = {
		{ .type = CORDON_MOUNT_BIND, .fd = 0 },
		{ .type = CORDON_MOUNT_SYMLINK, .fd = -1, .index = 1 },
		{ .type = CORDON_MOUNT_TMPFS, .flags = CORDON_MOUNT_NOEXEC, .size_bytes = 1 << 20, .mode = 0700,
		  .fd = -1, .index = 2 },
	};

	wire_begin(&wire, message, sizeof message, CORDON_MSG_CONF, sizeof *m);
	mounts[0].target = wire_put_string(&wire, "/usr");
	mounts[1].source = wire_put_string(&wire, "usr/bin");
	mounts[1].target = wire_put_string(&wire, "/bin");
	mounts[2].target = wire_put_string(&wire, "/tmp");
	m->flags = CORDON_CONF_SET_IDS;
	m->nmounts = 3;
	m->mounts = wire_put(&wire, mounts, sizeof mounts);
	m->hostname = wire_put_string(&wire, "box");
	m->domainname = wire_put_string(&wire, "local");
	m->seccomp = wire_put(&wire, filter, sizeof filter);
	m->init_command = wire_put_strings(&wire, command, &m->ninit_command);
	wire_save("conf", FUZZ_WIRE_CONF, 1, 0);
}

static void items(const char *name, enum cordon_msg_type type, const char *text, uint32_t flags)
{
	struct cordon_msg_items *m = (struct cordon_msg_items *)message;
	struct cordon_item all[2];

	wire_begin(&wire, message, sizeof message, type, sizeof *m);
	for (uint32_t i = 0; i < 2; i++) {
		all[i] = (struct cordon_item){
			.flags = i == 0 ? flags : 0, .mode = type == CORDON_MSG_OPEN ? 0644 : 0,
		};
		all[i].path = wire_put_string(&wire, i == 0 ? "/w/a" : "/w/b/c");
		all[i].text = wire_put_string(&wire, text);
	}
	m->nitems = 2;
	m->items = wire_put(&wire, all, sizeof all);
	wire_save(name, FUZZ_WIRE_ITEMS, 0, 0);
}

static void execve_message(const char *name, uint32_t flags, uint32_t nprocs, uint8_t nfds)
{
	static const char *const argv[] = { "prog", "", "arg", NULL };
	static const char *const envp[] = { "A=1", "PATH=/bin", NULL };
	const uint32_t targets[] = { 0, 1, 2, 9 };
	const struct cordon_execve_rlimit rlimit = { 4, -1, 0, 0 };
	struct cordon_msg_execve *m = (struct cordon_msg_execve *)message;

	wire_begin(&wire, message, sizeof message, CORDON_MSG_EXECVE, sizeof *m);
	m->flags = flags;
	m->nfds = 4;
	m->nprocs = nprocs;
	m->targets = wire_put(&wire, targets, sizeof targets);
	m->nrlimits = 1;
	m->rlimits = wire_put(&wire, &rlimit, sizeof rlimit);
	m->argv = wire_put_strings(&wire, argv, &m->argc);
	m->envp = wire_put_strings(&wire, envp, &m->envc);
	m->work_dir = wire_put_string(&wire, "/w");
	memset(&m->limits, 0xff, sizeof m->limits);
	wire_save(name, FUZZ_WIRE_EXECVE, nfds, 0);
}

static void execve_supervised(void)
{
	static const char *const argv[] = { "prog", NULL };
	const uint32_t targets[] = { 0, 1, 2 };
	const uint64_t bpf[] = { 0x7fff000000000006 }, cpus[] = { 1, 2 };
	struct cordon_supervision_path paths[] = {
		{ .scope = CORDON_PATH_TREE, .access = CORDON_ACCESS_READ | CORDON_ACCESS_EXEC },
		{ .scope = CORDON_PATH_ENTRIES, .access = CORDON_ACCESS_WRITE },
		{ .scope = CORDON_PATH_ONLY },
	};
	const struct cordon_supervision_call calls[] = {
		{ .syscall = 1, .decision = CORDON_DECISION_ALLOW, .limit = UINT64_MAX },
		{ .syscall = 41, .decision = CORDON_DECISION_ERRNO, .err = 13, .limit = 2 },
		{ .syscall = 59, .decision = CORDON_DECISION_ASK },
	};
	const struct cordon_port_rule ports[] = { { 443, CORDON_PORT_CONNECT }, { 0, CORDON_PORT_BIND } };
	struct cordon_supervision s = {
		.engine = CORDON_ENGINE_PTRACE,
		.flags = CORDON_SUPERVISOR_FILES | CORDON_SUPERVISOR_RECORD | CORDON_SUPERVISOR_PORTS,
		.outside = CORDON_DECISION_ERRNO, .outside_errno = 13, .ask_timeout_ns = 1000000000, .npaths = 3,
		.ncalls = 3,
		.nports = 2,
	};
	struct cordon_msg_execve *m = (struct cordon_msg_execve *)message;

	wire_begin(&wire, message, sizeof message, CORDON_MSG_EXECVE, sizeof *m);
	m->nfds = 3;
	m->targets = wire_put(&wire, targets, sizeof targets);
	m->argv = wire_put_strings(&wire, argv, &m->argc);
	m->apparmor = wire_put_string(&wire, "box");
	m->selinux = wire_put_string(&wire, "u:r:t:s0");
	paths[0].path = wire_put_string(&wire, "/usr");
	paths[1].path = wire_put_string(&wire, "/tmp");
	paths[2].path = wire_put_string(&wire, "/usr/secret");
	s.paths = wire_put(&wire, paths, sizeof paths);
	s.calls = wire_put(&wire, calls, sizeof calls);
	s.ports = wire_put(&wire, ports, sizeof ports);
	s.beside = wire_put(&wire, bpf, sizeof bpf);
	s.notify_filter = wire_put(&wire, bpf, sizeof bpf);
	s.filter = wire_put(&wire, bpf, sizeof bpf);
	s.policy_filter = wire_put(&wire, bpf, sizeof bpf);
	m->supervision = wire_put(&wire, &s, sizeof s);
	m->cpus = wire_put(&wire, cpus, sizeof cpus);
	wire_save("execve_supervised", FUZZ_WIRE_EXECVE, 3, 0);
}

static void questions(void)
{
	static const char *const paths[] = { "/a", "/b", NULL };
	struct cordon_msg_ask *ask = (struct cordon_msg_ask *)message;
	struct cordon_msg_answer *answer = (struct cordon_msg_answer *)message;
	struct cordon_msg_signal *signals = (struct cordon_msg_signal *)message;

	wire_begin(&wire, message, sizeof message, CORDON_MSG_ASK, sizeof *ask);
	ask->serial = 1;
	ask->syscall = 82;
	ask->access = CORDON_ACCESS_WRITE;
	ask->paths = wire_put_strings(&wire, paths, &ask->npaths);
	wire_save("ask", FUZZ_WIRE_ASK, 0, 0);
	wire_begin(&wire, message, sizeof message, CORDON_MSG_ANSWER, sizeof *answer);
	answer->serial = 1;
	answer->decision = CORDON_DECISION_ERRNO;
	answer->err = 13;
	wire_save("answer", FUZZ_WIRE_ANSWER, 0, 0);
	wire_begin(&wire, message, sizeof message, CORDON_MSG_SIGNAL, sizeof *signals);
	signals->signals = 1 << 14;
	wire_save("signal", FUZZ_WIRE_SIGNAL, 0, 0);
	wire_begin(&wire, message, sizeof message, CORDON_MSG_SIDECAR, sizeof(struct cordon_msg));
	wire_save("sidecar", FUZZ_WIRE_SIDECAR, 1, 0);
}

static void finished_supervised(void)
{
	static const uint64_t counts[CORDON_SUPERVISION_COUNTS] = { [1] = 3 };
	const struct cordon_event events[] = {
		{ .kind = CORDON_EVENT_SYSCALL, .syscall = 41, .err = 13, .pid = 2 },
		{ .kind = CORDON_EVENT_PATH, .syscall = 2, .err = -1, .pid = 2, .path_len = 4, .path = "/etc" },
	};
	struct cordon_msg_finished *m = (struct cordon_msg_finished *)message;

	wire_begin(&wire, message, sizeof message, CORDON_MSG_FINISHED, sizeof *m);
	m->events_total = m->nevents = 2;
	m->events = wire_put(&wire, events, sizeof events);
	m->counts = wire_put(&wire, counts, sizeof counts);
	m->setup_counts = wire_put(&wire, counts, sizeof counts);
	m->violation = 1;
	wire_save("finished_supervised", FUZZ_WIRE_FINISHED, 0, 0);
}

static void replies(void)
{
	const struct cordon_error failed = {
		.err = 2, .step = CORDON_STEP_OPEN_FILE, .detail_len = 4, .detail = "/w/a",
	};
	const struct cordon_error errors[] = { { .index = CORDON_NO_INDEX }, failed };
	struct cordon_msg_items *m = (struct cordon_msg_items *)message;

	for (int with_fds = 0; with_fds < 2; with_fds++) {
		wire_begin(&wire, message, sizeof message, CORDON_MSG_ITEMS, sizeof *m);
		m->nitems = 2;
		m->items = wire_put(&wire, errors, sizeof errors);
		if (with_fds)
			wire_save("errors_with_fds", FUZZ_WIRE_ERRORS_WITH_FDS, 1, 2);
		else
			wire_save("errors", FUZZ_WIRE_ERRORS, 0, 2);
	}
	wire_begin(&wire, message, sizeof message, CORDON_MSG_FINISHED, sizeof(struct cordon_msg_finished));
	((struct cordon_msg_finished *)message)->violation = -1;
	wire_save("finished", FUZZ_WIRE_FINISHED, 0, 0);
	wire_begin(&wire, message, sizeof message, CORDON_MSG_ERROR, sizeof(struct cordon_msg_error));
	((struct cordon_msg_error *)message)->error = failed;
	wire_save("error", FUZZ_WIRE_ERROR, 0, 0);
}

/* ---- request ---- */

static void put(const void *data, size_t len)
{
	if (len > sizeof seed - seed_len)
		abort();
	memcpy(seed + seed_len, data, len);
	seed_len += len;
}

static void put_u32(uint32_t value)
{
	put(&value, sizeof value);
}

static void put_u64(uint64_t value)
{
	put(&value, sizeof value);
}

static void put_str(const char *s)
{
	put_u32(s != NULL ? (uint32_t)strlen(s) : REQUEST_ABSENT32);
	if (s != NULL)
		put(s, strlen(s) + 1);
}

static void put_bytes(const char *s)
{
	put_u64(s != NULL ? strlen(s) : REQUEST_ABSENT64);
	if (s != NULL)
		put(s, strlen(s));
}

static void put_config(void)
{
	put_u32(1);	/* mounts */
	put_u32(CORDON_MOUNT_BIND);
	put_u32(0);
	put_str("/usr");
	put_str("/usr");
	put_u64(0);
	put_u64(0);
	put_u32(0);
	put_u32(0);	/* network */
	put_str("box");
	put_str(NULL);
	for (int i = 0; i < 4; i++)
		put_u32(1000);
	put_u32(0);	/* seccomp */
	put_bytes("12345678");
	put_u64(0);	/* seccomp_policy */
	put_u64(0);	/* require */
	put_u32(1);	/* init_command */
	put_str("/bin/true");
	put_u32(1);	/* use_cgroup */
	put_u32(0);	/* namespaces */
	put_u32(1);	/* shared */
	put_str("judged");
	put_str(NULL);
}

static void put_supervisor(void)
{
	put_u32(1);
	put_u32(CORDON_ENGINE_NOTIFY);
	put_u32(CORDON_SUPERVISOR_FILES);
	put_u32(CORDON_DECISION_ERRNO);
	put_u32(13);
	put_u64(1000000000);
	put_u32(2);	/* paths */
	put_str("/usr");
	put_u32(CORDON_PATH_TREE);
	put_u32(CORDON_ACCESS_READ | CORDON_ACCESS_EXEC);
	put_str("/etc/shadow");
	put_u32(CORDON_PATH_ONLY);
	put_u32(0);
	put_u32(1);	/* syscalls */
	put_str("socket");
	put_u32(CORDON_DECISION_KILL);
	put_u32(0);
	put_u64(2);
}

static void put_command(void)
{
	put_u32(2);	/* argv */
	put_str("/bin/true");
	put_str("");
	put_u32(1);	/* envp */
	put_str("A=b");
	put_u32(UINT32_MAX);	/* exec_fd */
	put_u32(0);	/* sync */
	put_u32(0);	/* terminal */
	put_str("/w");
	put_str("0-1,3");
	for (int i = 0; i < 3; i++) {
		put_u32(0);
		put_u32(UINT32_MAX);
		put_str(i == 1 ? "/tmp/out" : NULL);
		put_bytes(i == 0 ? "input" : NULL);
		put_u64(100);
	}
	put_u32(1);	/* fds */
	put_u32(5);
	put_u32(6);
	put_u32(1);	/* rlimits */
	put_u32(7);
	put_u64(8);
	put_u64(9);
	put_u32(1);	/* copy_in */
	put_str("a.c");
	put_str(NULL);
	put_bytes("int x;");
	put_u32(0600);
	put_u32(CORDON_COPY_REPLACE);
	put_u32(1);	/* copy_out */
	put_str("out");
	put_str("/tmp/out");
	put_u64(1000);
	put_u32(0);
	put_u32(0);
	put_u32(sizeof(struct cordon_limits) / sizeof(uint64_t));
	for (uint32_t i = 0; cordon_limit(i) != NULL; i++)
		put_u64(1000000000);
	put_supervisor();
}

static void put_policy(void)
{
	put_u32(0);	/* arch */
	put_u32(UINT32_C(0x7fff0000));
	put_u32(UINT32_C(0x00050026));
	put_u32(2);	/* rules */
	put_str("clone");
	put_u32(UINT32_C(0x00050001));
	put_u32(1);	/* args */
	put_u32(0);
	put_u32(CORDON_SECCOMP_MASKED_EQ);
	put_u64(UINT64_C(0x10000000));
	put_u64(UINT64_C(0x10000000));
	put_str("ptrace");
	put_u32(UINT32_C(0x80000000));
	put_u32(0);
}

static void put_files(void)
{
	put_u32(2);
	put_str("/w/a");
	put_str(NULL);
	put_u32(CORDON_FILE_CREATE);
	put_u32(0640);
	put_str("/w/l");
	put_str("a");
	put_u32(0);
	put_u32(0);
}

static void request(const char *name, uint32_t parts)
{
	const unsigned char asked = (unsigned char)parts;

	seed_len = 0;
	put(&asked, 1);
	put_u32(REQUEST_VERSION);
	if ((parts & REQUEST_CONFIG) != 0)
		put_config();
	if ((parts & REQUEST_COMMAND) != 0)
		put_command();
	if ((parts & REQUEST_FILES) != 0)
		put_files();
	if ((parts & REQUEST_POLICY) != 0)
		put_policy();
	save("request", name);
}

int main(int argc, char **argv)
{
	if (argc != 3 || (strcmp(argv[1], "write") != 0 && strcmp(argv[1], "check") != 0)) {
		fprintf(stderr, "usage: make_corpus write|check DIR\n");
		return 2;
	}
	checking = strcmp(argv[1], "check") == 0;
	dir = argv[2];
	conf();
	items("open", CORDON_MSG_OPEN, NULL, CORDON_ITEM_CREATE);
	items("delete", CORDON_MSG_DELETE, NULL, CORDON_ITEM_TREE);
	items("symlink", CORDON_MSG_SYMLINK, "a", 0);
	execve_message("execve", 0, 0, 4);
	execve_message("execve_all_fds", CORDON_EXECVE_EXEC_FD | CORDON_EXECVE_SYNC_FD | CORDON_EXECVE_CPU_FD, 3, 10);
	execve_supervised();
	questions();
	finished_supervised();
	replies();
	request("run", REQUEST_CONFIG | REQUEST_COMMAND);
	request("config", REQUEST_CONFIG);
	request("command", REQUEST_COMMAND);
	request("files", REQUEST_FILES);
	request("policy", REQUEST_POLICY);
	return failures != 0;
}
