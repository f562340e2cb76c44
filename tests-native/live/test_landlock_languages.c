/* SPDX-License-Identifier: Apache-2.0 */
/* What compilers, interpreters and their programs need of a machine: each language compiles and runs under the Landlock
 * ruleset of a short list of rules, and does not without its own part of the list. A language that is not installed is
 * skipped, with a message.
 *
 * The presets of the library are made from these lists. Landlock does not restrict stat(2): the rules with STAT alone
 * are for the supervisor, so that the search for a missing file fails with ENOENT as outside. */
#include "restrict.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <limits.h>
#include <linux/capability.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))
#define RULES_MAX 128
#define STEP_SECONDS 60

/* Every dynamic program, of any language. Libraries are read, the loaders are executed. */
static const struct cordon_path_rule base[] = {
	{ "/lib64/ld-linux-x86-64.so.2", ONLY, R | X },
	{ "/lib/ld-linux-aarch64.so.1", ONLY, R | X },
	{ "/lib/ld-musl-x86_64.so.1", ONLY, R | X },
	{ "/lib/ld-musl-aarch64.so.1", ONLY, R | X },
	{ "/lib", TREE, R },
	{ "/lib64", TREE, R },
	{ "/usr/lib", TREE, R },
	{ "/usr/lib64", TREE, R },
	{ "/usr/local/lib", TREE, R },
	{ "/etc/ld.so.cache", ONLY, R },
	{ "/etc/ld.so.preload", ONLY, S },
	{ "/etc/localtime", ONLY, R },
	{ "/usr/share/zoneinfo", TREE, R },
	{ "/usr/share/locale", TREE, R },
	{ "/dev/null", ONLY, R | W },
	{ "/dev/zero", ONLY, R | W },
	{ "/dev/full", ONLY, R | W },
	{ "/dev/random", ONLY, R },
	{ "/dev/urandom", ONLY, R },
	{ "/proc/self", TREE, R },
	{ "/sys/devices/system/cpu", TREE, R },	/* how many there are */
	{ "/usr", TREE, S },
	{ "/bin", TREE, S },
	{ "/", ENTRIES, S },
	{ "/tmp", TREE, R | W },
};

static const struct cordon_path_rule of_compiler[] = {
	{ "/usr/bin/gcc", ONLY, R | X },
	{ "/usr/bin/g++", ONLY, R | X },
	{ "/usr/bin/as", ONLY, R | X },
	{ "/usr/bin/ld", ONLY, R | X },
	{ "/usr/lib/gcc", TREE, R | X },	/* cc1, cc1plus, collect2 */
	{ "/usr/libexec/gcc", TREE, R | X },	/* the same since GCC 13 */
	{ "/usr/include", TREE, R },
	{ "/usr/local/include", TREE, R },
};

static const struct cordon_path_rule of_python[] = {
	{ "/usr/bin/python3", ONLY, R | X },
	/* Debian's sitecustomize.py leads there; only asked for where it is not compiled yet */
	{ "/etc/python3.9", TREE, R },
	{ "/etc/python3.10", TREE, R },
	{ "/etc/python3.11", TREE, R },
	{ "/etc/python3.12", TREE, R },
	{ "/etc/python3.13", TREE, R },
};

/* And JAVA_HOME. */
static const struct cordon_path_rule of_java[] = {
	{ "/etc/java-11-openjdk", TREE, R },	/* Debian's JAVA_HOME/conf leads there */
	{ "/etc/java-17-openjdk", TREE, R },
	{ "/etc/java-21-openjdk", TREE, R },
	{ "/etc/java-25-openjdk", TREE, R },
	{ "/etc/passwd", ONLY, R },
	{ "/etc/nsswitch.conf", ONLY, R },
	{ "/proc/cpuinfo", ONLY, R },
	{ "/proc/meminfo", ONLY, R },
	{ "/proc/stat", ONLY, R },
	{ "/proc/cgroups", ONLY, R },
	{ "/proc/sys/vm", TREE, R },
	{ "/sys/fs/cgroup", TREE, R },		/* the limits that the heap is sized by */
	{ "/sys/kernel/mm", TREE, R },		/* huge pages */
};

static const struct cordon_path_rule of_node[] = {
	{ "/usr/bin/node", ONLY, R | X },
	{ "/usr/share/nodejs", TREE, R },
	{ "/etc/ssl/openssl.cnf", ONLY, R },
	{ "/etc/ssl/certs", TREE, R },
	{ "/proc/cpuinfo", ONLY, R },
	{ "/proc/meminfo", ONLY, R },
	{ "/proc/stat", ONLY, R },
	{ "/package.json", ONLY, R },		/* is looked for in every directory above the program */
	{ "/sys/fs/cgroup", TREE, R },
};

/* And GOROOT, and what its links lead to. */
static const struct cordon_path_rule of_go[] = {
	{ "/sys/kernel/mm", TREE, R },
};

struct rules {
	struct cordon_path_rule list[RULES_MAX];
	uint32_t len;
};

static char work[64], secret[64];

static void rules_add(struct rules *r, const struct cordon_path_rule *list, size_t len)
{
	REQUIRE(r->len + len <= RULES_MAX);
	memcpy(r->list + r->len, list, len * sizeof *list);
	r->len += (uint32_t)len;
}

#define ADD(r, list) rules_add(r, list, COUNT(list))

static void rules_one(struct rules *r, const char *path, uint32_t access)
{
	rules_add(r, &(struct cordon_path_rule){ path, TREE, access }, 1);
}

static void rules_init(struct rules *r)
{
	r->len = 0;
	ADD(r, base);
	rules_one(r, work, R | W | X);
}

static void write_file(const char *name, const char *text)
{
	int fd = open(name, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);

	REQUIRE(fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text));
	close(fd);
}

/* Up to size - 1 bytes of a file of the work folder. */
static const char *read_file(const char *name, char *buf, size_t size)
{
	int fd = open(name, O_RDONLY | O_CLOEXEC);
	ssize_t n = fd >= 0 ? read(fd, buf, size - 1) : 0;

	if (fd >= 0)
		close(fd);
	buf[n > 0 ? n : 0] = '\0';
	return buf;
}

static void limit(int resource, rlim_t value)
{
	struct rlimit l = { value, value };

	REQUIRE(setrlimit(resource, &l) == 0);
}

/* In the child: restricted, without capabilities, and sure of it. */
static void restricted_exec(const struct rules *r, char *const *argv)
{
	struct __user_cap_header_struct head = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct none[2] = { 0 };
	char cache[128];
	char *const env[] = { "PATH=/usr/bin:/bin", "HOME=.",	cache, "GO111MODULE=off",
			      "CGO_ENABLED=0",	    "LC_ALL=C", NULL };
	int in = open("/dev/null", O_RDONLY | O_CLOEXEC);
	int out = open("out", O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
	int err = open("err", O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);

	REQUIRE(in >= 0 && out >= 0 && err >= 0);
	snprintf(cache, sizeof cache, "GOCACHE=%s/cache", work);
	alarm(STEP_SECONDS);
	limit(RLIMIT_CPU, STEP_SECONDS);
	limit(RLIMIT_FSIZE, 256u << 20);
	restrict_self(r->list, r->len);
	REQUIRE(syscall(__NR_capset, &head, none) == 0);
	REQUIRE(open(secret, O_RDONLY | O_CLOEXEC) < 0 && errno == EACCES);
	REQUIRE(dup2(in, 0) == 0 && dup2(out, 1) == 1 && dup2(err, 2) == 2);
	execve(argv[0], argv, env);
	_exit(200);
}

/* The wait status. */
static int step(const struct rules *r, char *const *argv)
{
	int status;
	pid_t pid = fork();

	if (pid == 0)
		restricted_exec(r, argv);
	REQUIRE(pid > 0 && waitpid(pid, &status, 0) == pid);
	return status;
}

#define ARGS(...) ((char *const[]){ __VA_ARGS__, NULL })

/* The program must end well, say "hello" first where said is not NULL, and complain of nothing. */
static void must_run(const struct rules *r, char *const *argv, const char *said)
{
	char out[512], err[2048];
	int status = step(r, argv);

	read_file("out", out, sizeof out);
	read_file("err", err, sizeof err);
	if (status != 0 || err[0] != '\0' || (said != NULL && strncmp(out, said, strlen(said)) != 0))
		TEST_FAIL("%s %s: status %#x, said \"%s\" and \"%s\"", argv[0], argv[1] ? argv[1] : "", status, out,
			  err);
}

static void must_fail(const struct rules *r, char *const *argv)
{
	if (step(r, argv) == 0)
		TEST_FAIL("%s runs without a rule for it", argv[0]);
}

static bool is_there(const char *path)
{
	char why[128];

	if (access(path, X_OK) == 0)
		return true;
	snprintf(why, sizeof why, "language: there is no %s", path);
	if (test_skip(__FILE__, __LINE__, why) == 1)
		TEST_FAIL("this must be here: %s", path);
	return false;
}

/* The directory so many levels above what path leads to. */
static char *home_of(const char *path, int levels, char ret[PATH_MAX])
{
	REQUIRE(realpath(path, ret) != NULL);
	for (; levels > 0; levels--)
		*strrchr(ret, '/') = '\0';
	return ret;
}

/* ---- the languages ---- */

static const char program_c[] = "#include <stdio.h>\n#include <stdlib.h>\n#include <time.h>\n"
				"int main(void)\n{\n\ttime_t t = time(0);\n\tfree(malloc(1000000));\n"
				"\treturn printf(\"hello %d\\n\", localtime(&t)->tm_year) < 0;\n}\n";
static const char program_cpp[] =
	"#include <iostream>\n#include <map>\n#include <thread>\n#include <regex>\n"
	"int main()\n{\n\tint n = 0;\n\tstd::thread t([&] { n = 1; });\n\tt.join();\n"
	"\tstd::cout << \"hello \" << n << std::thread::hardware_concurrency() << std::endl;\n}\n";

/* The programs of this build, where no compiler is. */
static void c_cpp(void)
{
	struct rules r;
	char programs[PATH_MAX], program[PATH_MAX + 16];

	rules_init(&r);
	home_of(getenv("CORDON_TEST_PROGRAMS"), 0, programs);
	snprintf(program, sizeof program, "%s/iostream", programs);
	if (!is_there(program))
		return;
	must_fail(&r, ARGS(program));
	rules_one(&r, programs, R | X);
	must_run(&r, ARGS(program), NULL);
	must_fail(&r, ARGS("/bin/sh", "-c", "exit 0"));	/* nothing else can be executed */
}

static void compiler(void)
{
	struct rules r, run;

	if (!is_there("/usr/bin/gcc") || !is_there("/usr/bin/g++"))
		return;
	write_file("hello.c", program_c);
	write_file("hello.cpp", program_cpp);
	rules_init(&run);
	must_fail(&run, ARGS("/usr/bin/gcc", "-o", "hello", "hello.c"));
	r = run;
	ADD(&r, of_compiler);
	must_run(&r, ARGS("/usr/bin/gcc", "-O2", "-o", "hello", "hello.c", "-lm"), NULL);
	must_run(&run, ARGS("./hello"), "hello 1");
	must_run(&r, ARGS("/usr/bin/gcc", "-O2", "-static", "-flto", "-o", "hello", "hello.c"), NULL);
	must_run(&run, ARGS("./hello"), "hello 1");
	must_run(&r, ARGS("/usr/bin/g++", "-O1", "-g", "-pthread", "-o", "hello", "hello.cpp"), NULL);
	must_run(&run, ARGS("./hello"), "hello 1");
	must_run(&r, ARGS("/usr/bin/gcc", "-fsanitize=address,undefined", "-o", "hello", "hello.c"), NULL);
	must_run(&run, ARGS("./hello"), "hello 1");
}

static void python(void)
{
	struct rules r;

	if (!is_there("/usr/bin/python3"))
		return;
	write_file(
		"hello.py",
		"import collections, ctypes, datetime, decimal, hashlib, heapq, json, math, os, random, re, socket, "
		"sqlite3, subprocess\n"
		"import tempfile, threading, multiprocessing\n"
		"t = threading.Thread(target=lambda: None); t.start(); t.join()\n"
		"with tempfile.TemporaryFile() as f: f.write(os.urandom(8))\n"
		"with open('own', 'w') as f: f.write('x')\n"
		"print('hello', datetime.datetime.now().astimezone(), random.random(), "
		"hashlib.sha256(b'').hexdigest())\n");
	rules_init(&r);
	must_fail(&r, ARGS("/usr/bin/python3", "hello.py"));
	ADD(&r, of_python);
	must_run(&r, ARGS("/usr/bin/python3", "hello.py"), "hello ");
	must_run(&r, ARGS("/usr/bin/python3", "-m", "py_compile", "hello.py"), NULL);
	must_run(&r, ARGS("/usr/bin/python3", "-I", "-S", "hello.py"), "hello ");
}

static void java(void)
{
	struct rules r;
	char home[PATH_MAX];

	if (!is_there("/usr/bin/java") || !is_there("/usr/bin/javac"))
		return;
	write_file(
		"Main.java",
		"import java.util.*;\nimport java.util.stream.*;\n"
		"public class Main {\n\tpublic static void main(String[] args) throws Exception {\n"
		"\t\tSystem.out.println(\"hello \" + IntStream.range(0, 1000).parallel().sum()\n"
		"\t\t\t+ java.time.ZonedDateTime.now()\n"
		"\t\t\t+ new java.security.SecureRandom().nextInt() + String.format(\"%,.2f\", 1e6)\n"
		"\t\t\t+ java.nio.file.Files.createTempFile(\"a\", \"b\").toFile().delete());\n\t}\n}\n");
	rules_init(&r);
	ADD(&r, of_java);
	must_fail(&r, ARGS("/usr/bin/java", "-version"));
	REQUIRE(mkdir("classes", 0755) == 0);
	rules_one(&r, home_of("/usr/bin/java", 2, home), R | X);
	must_run(&r, ARGS("/usr/bin/javac", "-d", "classes", "Main.java"), NULL);
	must_run(&r, ARGS("/usr/bin/java", "-Xmx64m", "-cp", "classes", "Main"), "hello 499500");
	must_run(&r, ARGS("/usr/bin/java", "-Xmx128m", "-XX:+UseSerialGC", "Main.java"), "hello 499500");
}

static void node(void)
{
	struct rules r;

	if (!is_there("/usr/bin/node"))
		return;
	write_file(
		"hello.js",
		"const fs = require('fs'), os = require('os'), crypto = require('crypto');\n"
		"const { Worker } = require('worker_threads');\n"
		"fs.writeFileSync('own', 'x');\n"
		"new Worker('1', { eval: true }).on('exit', () =>\n"
		"  console.log('hello', os.cpus().length > 0, os.totalmem() > 0, new Date().toString(),\n"
		"    crypto.randomBytes(4)));\n");
	rules_init(&r);
	must_fail(&r, ARGS("/usr/bin/node", "hello.js"));
	ADD(&r, of_node);
	must_run(&r, ARGS("/usr/bin/node", "hello.js"), "hello true true");
}

static void go(void)
{
	struct rules r, run;
	char home[PATH_MAX], bin[PATH_MAX + 8], source[PATH_MAX], library[PATH_MAX + 8];

	if (!is_there("/usr/bin/go"))
		return;
	write_file("hello.go", "package main\n\nimport (\n\t\"fmt\"\n\t\"os\"\n\t\"time\"\n)\n\n"
			       "func main() {\n\tc := make(chan int)\n\tgo func() { c <- 1 }()\n"
			       "\tfmt.Println(\"hello\", <-c, len(os.Args), time.Now().Year())\n}\n");
	rules_init(&run);
	ADD(&run, of_go);
	r = run;
	must_fail(&r, ARGS("/usr/bin/go", "version"));
	home_of("/usr/bin/go", 2, home);
	rules_one(&r, home, R | X);
	snprintf(library, sizeof library, "%s/src", home);
	home_of(library, 1, source);	/* Debian's sources are in /usr/share */
	rules_one(&r, source, R);
	snprintf(bin, sizeof bin, "%s/bin/go", home);
	must_run(&r, ARGS("/usr/bin/go", "build", "-o", "hello", "hello.go"), NULL);
	must_run(&run, ARGS("./hello"), "hello 1 1");
	must_run(&r, ARGS(bin, "vet", "hello.go"), NULL);
}

/* ---- the whole ---- */

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *at)
{
	(void)st;
	(void)type;
	(void)at;
	return remove(path);
}

static void scenario_run(const char *name, void (*run)(void))
{
	int failures = test_failures;

	test_scenario(name);
	/* Not in /tmp: that one has a rule of its own. */
	snprintf(work, sizeof work, "/var/tmp/cordon-languages-XXXXXX");
	snprintf(secret, sizeof secret, "/var/tmp/cordon-secret-XXXXXX");
	REQUIRE(mkdtemp(work) != NULL && mkdtemp(secret) != NULL && chdir(work) == 0);
	run();
	REQUIRE(chdir("/") == 0 && nftw(work, remove_one, 16, FTW_DEPTH | FTW_PHYS) == 0 && rmdir(secret) == 0);
	fprintf(stderr, "%s %s\n", failures == test_failures ? "ok  " : "FAIL", name);
}

int main(int argc, char **argv)
{
	static const struct {
		const char *name;
		void (*run)(void);
	} scenarios[] = { { "c-cpp", c_cpp }, { "compiler", compiler }, { "python", python },
			  { "java", java },   { "node", node },		{ "go", go } };

	test_find_programs();
	test_watch(0);
	if (landlock_abi() < 0)
		SKIP("landlock: this kernel has none");
	for (size_t i = 0; i < COUNT(scenarios); i++)
		if (argc < 2 || strcmp(argv[1], scenarios[i].name) == 0)
			scenario_run(scenarios[i].name, scenarios[i].run);
	return TEST_RESULT();
}
