/* SPDX-License-Identifier: Apache-2.0 */
/* Programs that try to reach what a path policy takes away below what it gives: by a thread that swaps names while the
 * kernel looks, with every call that takes a path. The denied file is looked at afterwards from outside. */
#define _GNU_SOURCE
#include <errno.h>
#include "support/supervised.h"

#define ALL (ACCESS_RX | CORDON_ACCESS_WRITE)
#define SOMEBODY 65533

static const struct cordon_copy_in files[] = {
	{ .name = "/w/aa/x", .data = "allowed\n", .data_len = 8 },
	{ .name = "/w/ab/x", .data = "x\n", .data_len = 2 },
};

/* What a win of each call needs; the others are seen by LOOK. */
static const struct {
	const char *name;
	uint32_t needs;
} calls[] = {
	{ "open", CORDON_ACCESS_READ }, { "openat2", CORDON_ACCESS_READ }, { "path", CORDON_ACCESS_READ },
	{ "stat", CORDON_ACCESS_READ }, { "write", CORDON_ACCESS_WRITE }, { "rename", CORDON_ACCESS_WRITE },
	{ "exchange", CORDON_ACCESS_WRITE }, { "link", CORDON_ACCESS_WRITE }, { "exec", CORDON_ACCESS_EXEC },
	{ "connect", CORDON_ACCESS_WRITE },
};

static void policy_for(struct supervised *v, uint32_t engine, uint32_t access)
{
	supervised_init(v, engine);
	supervised_path(v, "/", CORDON_PATH_TREE, ALL);
	supervised_path(v, "/w/ab", CORDON_PATH_TREE, access);
}

#define PREPARE                                                                                                    \
	"chmod 777 /w/aa /w/ab; printf 'secret secret\\n' > /w/ab/s; chmod 644 /w/ab/s; "                         \
	"printf '#!/bin/sh\\nexit 42\\n' > /w/ab/s.run; chmod 755 /w/ab/s.run; "                                  \
	"/programs/calls listen /w/ab/s.sock > /dev/null; stat -c %i /w/ab/s > /w/inode"

/* One run in a container that is kept with the policy, one without it that looks. */
static void swaps(uint32_t engine, uint32_t access, const char *look)
{
	struct supervised v;
	struct outcome o;
	struct kept k;
	char tries[32];

	(void)snprintf(tries, sizeof tries, "%ld", number_from_env("CORDON_TEST_SWAPS", 2000));
	policy_for(&v, engine, access);
	sandbox_init(&k.s);
	k.s.command.limits.cpu_time_ns = k.s.command.limits.wall_time_ns = 200 * SEC;
	KEPT_OPEN(&k);
	k.s.command.copy_in = files;
	k.s.command.ncopy_in = LENGTH(files);
	kept_run(&k, ARGV("/bin/sh", "-c", PREPARE), &o);
	CHECK_OK(&o);
	outcome_done(&o);
	k.s.command.copy_in = NULL;
	k.s.command.ncopy_in = 0;
	k.s.command.supervisor = &v.supervisor;
	kept_run(&k, ARGV("/programs/swap", tries, "/w/aa/s", "/w/ab/s", "/w/aa/spare"), &o);
	CHECK_OK(&o);
	CHECK_EQ(o.result->file_policy, CORDON_FILE_POLICY_ENFORCED);
	for (size_t i = 0; i < LENGTH(calls); i++)
		if (text_number(o.out, calls[i].name, 0) != 0 && (access & calls[i].needs) == 0)
			TEST_FAIL("%s won: %s", calls[i].name, o.out);
	CHECK(text_number(o.out, "tries", 0) > 0);
	outcome_done(&o);
	k.s.command.supervisor = NULL;
	kept_run(&k, ARGV("/bin/sh", "-c", look), &o);
	CHECK_OK(&o);
	CHECK_OUT(&o, "secret secret\n644 1\ns\ns.run\ns.sock\nx\nsame\n");
	outcome_done(&o);
	KEPT_CLOSE(&k);
}

#define LOOK                                                                                                       \
	"cat /w/ab/s; stat -c '%a %h' /w/ab/s; ls /w/ab; "                                                         \
	"[ $(stat -c %i /w/ab/s) = $(cat /w/inode) ] && echo same; "                                               \
	"grep -ls '^secret' /w/aa/* && echo got out"

static void swapped_names_win_nothing(uint32_t engine)
{
	swaps(engine, 0, LOOK "; true");
}
BOTH_ENGINES(swapped_names_win_nothing)

/* Without a supervisor: the kernel alone. */
static void swapped_names_win_nothing_auto(void)
{
	swapped_names_win_nothing(CORDON_ENGINE_AUTO);
}

/* What may be read is not written. */
static void swapped_names_write_nothing(uint32_t engine)
{
	swaps(engine, CORDON_ACCESS_READ, LOOK "; true");
}
BOTH_ENGINES(swapped_names_write_nothing)

#define USUAL                                                                                                      \
	BOTH_SCENARIOS(swapped_names_win_nothing), SCENARIO(swapped_names_win_nothing_auto),                       \
		BOTH_SCENARIOS(swapped_names_write_nothing)

static void as_an_ordinary_user(void)
{
	static const struct scenario usual[] = { USUAL };

	self_run_all(usual, LENGTH(usual), SOMEBODY);
}

static const struct scenario scenarios[] = { USUAL, SCENARIO(as_an_ordinary_user) };

int main(int argc, char **argv)
{
	return scenario_main(argc, argv, scenarios, LENGTH(scenarios));
}
