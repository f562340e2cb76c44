/* SPDX-License-Identifier: Apache-2.0 */
/* Real programs run under the default policy: compilers, and the programs and interpreters that they need. */
#define _GNU_SOURCE
#include "support/sandbox.h"

#define NEED(tool)                                                                                                 \
	do {                                                                                                       \
		if (access("/usr/bin/" tool, X_OK) != 0)                                                           \
			SKIP_SCENARIO(tool ": not installed in /usr/bin");                                         \
	} while (0)

/* A compiler or a virtual machine: more of everything, still bounded. */
static void roomy(struct sandbox *s)
{
	sandbox_init(s);
	s->command.limits.cpu_time_ns = 60 * SEC;
	s->command.limits.wall_time_ns = 100 * SEC;
	s->command.limits.memory_bytes = 1024 * MIB;
	s->command.limits.processes = 128;
	sandbox_mount_find(s, "/w")->size_bytes = 256 * MIB;
}

/* Runs a shell command with one source file in the work dir. */
static void shell_with(const char *name, const char *source, const char *command, const char *want)
{
	struct cordon_copy_in in = { .name = name, .data = source, .data_len = strlen(source) };
	struct sandbox s;
	struct outcome o;

	roomy(&s);
	s.command.copy_in = &in;
	s.command.ncopy_in = 1;
	sandbox_run(&s, ARGV("/bin/sh", "-ec", command), &o);
	CHECK_OK(&o);
	CHECK_OUT(&o, want);
	outcome_done(&o);
}

static void bin_true_runs(void)
{
	struct sandbox s;
	struct outcome o;

	sandbox_init(&s);
	sandbox_run(&s, ARGV("/bin/true"), &o);
	CHECK_OK(&o);
	CHECK_OUT(&o, "");
	CHECK_STR(o.errout, "");
	outcome_done(&o);
}

static void a_program_without_libc_runs(void)
{
	struct sandbox s;
	struct outcome o;

	sandbox_init(&s);
	sandbox_run(&s, ARGV("/programs/raw_nolibc"), &o);
	CHECK_STATUS(&o, CORDON_STATUS_NONZERO_EXIT, CORDON_CAUSE_NONE);
	CHECK_EQ(o.result->exit_code, 7);
	CHECK_OUT(&o, "raw\n");
	outcome_done(&o);
}

static void gcc_compiles_and_its_output_runs(void)
{
	NEED("gcc");
	shell_with("hello.c",
		   "#include <stdio.h>\nint main(void) { int n = 0; if (scanf(\"%d\", &n) != 1) n = 41; printf(\"%d\\n"
		   "\", n + 1); }\n",
		   "gcc -O2 -o hello hello.c -lm; ./hello", "42\n");
}

static void gpp_compiles_and_its_output_runs(void)
{
	NEED("g++");
	shell_with("hello.cpp",
		   "#include <iostream>\n#include <vector>\nint main() { std::vector<int> v{1, 2, 3}; "
		   "for (int x : v) std::cout << x << std::endl; }\n",
		   "g++ -O2 -o hello hello.cpp; ./hello", "1\n2\n3\n");
}

static void cpp_with_streams_and_exceptions_runs(void)
{
	static const char words[] = "b a b";
	struct sandbox s;
	struct outcome o;

	sandbox_init(&s);
	s.command.stdio[0].kind = CORDON_STDIO_BYTES;
	s.command.stdio[0].data = words;
	s.command.stdio[0].data_len = strlen(words);
	sandbox_run(&s, ARGV("/programs/iostream"), &o);
	CHECK_OK(&o);
	CHECK_OUT(&o, "caught\na 1\nb 2\n");
	outcome_done(&o);
}

static void python_runs(void)
{
	NEED("python3");
	shell_with("main.py",
		   "import hashlib, json, os, random, subprocess, sys, tempfile, threading, time\n"
		   "random.random(); time.sleep(0.001)\n"
		   "t = threading.Thread(target=lambda: print('thread', flush=True)); t.start(); t.join()\n"
		   "with tempfile.TemporaryFile() as f: f.write(b'x')\n"
		   "print(subprocess.run(['echo', 'child'], capture_output=True, text=True).stdout, end='')\n"
		   "print(json.dumps({'sha': hashlib.sha256(b'').hexdigest()[:8]}))\n",
		   "python3 main.py", "thread\nchild\n{\"sha\": \"e3b0c442\"}\n");
}

static void java_prints_its_version(void)
{
	struct sandbox s;
	struct outcome o;

	NEED("java");
	roomy(&s);
	sandbox_run(&s, ARGV("java", "-version"), &o);
	CHECK_OK(&o);
	CHECK(strstr(o.errout, "version") != NULL);
	outcome_done(&o);
}

static void javac_compiles_and_java_runs(void)
{
	NEED("javac");
	shell_with("Hello.java",
		   "import java.util.*; import java.util.stream.*;\n"
		   "public class Hello { public static void main(String[] a) throws Exception {\n"
		   "  Thread t = new Thread(() -> System.out.println(\"thread\")); t.start(); t.join();\n"
		   "  System.out.println(IntStream.rangeClosed(1, 1000).parallel().sum()); } }\n",
		   "javac -J-Xmx256m Hello.java; java -Xmx128m Hello", "thread\n500500\n");
}

static void node_runs(void)
{
	struct sandbox s;
	struct outcome o;

	NEED("node");
	roomy(&s);
	sandbox_run(&s,
		    ARGV("node", "-e",
			 "const fs = require('fs'); fs.writeFileSync('a', 'async'); "
			 "setTimeout(() => fs.readFile('a', 'utf8', (e, d) => "
			 "console.log(e || d)), 5)"),
		    &o);
	CHECK_OK(&o);
	CHECK_OUT(&o, "async\n");
	outcome_done(&o);
}

static void go_compiles_and_its_output_runs(void)
{
	NEED("go");
	shell_with("main.go",
		   "package main\nimport \"fmt\"\nfunc main() { c := make(chan int); go func() { c <- 42 }(); "
		   "fmt.Println(<-c) }\n",
		   "GOCACHE=/w/cache GOPATH=/w/go GOFLAGS=-p=1 go build -o main main.go; ./main", "42\n");
}

static void a_shell_pipeline_runs(void)
{
	struct sandbox s;
	struct outcome o;

	sandbox_init(&s);
	sandbox_run(&s,
		    ARGV("/bin/sh", "-c",
			 "seq 1 20000 | grep 7 | sort -rn | head -n 3 | tr '\\n' ' '; echo $(ls /w | wc -l)"),
		    &o);
	CHECK_OK(&o);
	CHECK_OUT(&o, "19997 19987 19979 0\n");
	outcome_done(&o);
}

static void threads_run(void)
{
	struct sandbox s;
	struct outcome o;

	sandbox_init(&s);
	sandbox_run(&s, ARGV("/programs/threads"), &o);
	CHECK_OK(&o);
	CHECK_OUT(&o, "80000\n");
	outcome_done(&o);
}

static void ten_megabytes_in_are_ten_megabytes_out(void)
{
	size_t len = 10 * MIB;
	char *data = malloc(len);
	struct sandbox s;
	struct outcome o;

	REQUIRE(data != NULL);
	for (size_t i = 0; i < len; i++)
		data[i] = (char)(i * 2654435761u >> 13);
	sandbox_init(&s);
	s.command.stdio[0].kind = CORDON_STDIO_BYTES;
	s.command.stdio[0].data = data;
	s.command.stdio[0].data_len = len;
	s.command.stdio[1].limit_bytes = 16 * MIB;
	sandbox_run(&s, ARGV(SUBJECT, "cat"), &o);
	CHECK_OK(&o);
	CHECK_EQ(o.result->output[0].len, len);
	CHECK_EQ(o.result->output[0].total, len);
	CHECK_EQ(o.result->output[0].truncated, 0);
	CHECK(o.result->output[0].len == len && memcmp(o.result->output[0].data, data, len) == 0);
	outcome_done(&o);
	free(data);
}

int main(int argc, char **argv)
{
	static const struct scenario list[] = {
		SCENARIO(bin_true_runs),
		SCENARIO(a_program_without_libc_runs),
		SCENARIO(gcc_compiles_and_its_output_runs),
		SCENARIO(gpp_compiles_and_its_output_runs),
		SCENARIO(cpp_with_streams_and_exceptions_runs),
		SCENARIO(python_runs),
		SCENARIO(java_prints_its_version),
		SCENARIO(javac_compiles_and_java_runs),
		SCENARIO(node_runs),
		SCENARIO(go_compiles_and_its_output_runs),
		SCENARIO(a_shell_pipeline_runs),
		SCENARIO(threads_run),
		SCENARIO(ten_megabytes_in_are_ten_megabytes_out),
	};

	return scenario_main(argc, argv, list, LENGTH(list));
}
