/* SPDX-License-Identifier: Apache-2.0 */
/* A policy of the caller's in both runners, shared by several sandboxes; and requests for a supervisor or a label that
 * are refused before anything is started. */
#include <errno.h>
#include <linux/seccomp.h>
#include "sandbox.h"

static struct cordon_seccomp *policy_new(uint32_t action)
{
	const struct cordon_seccomp_rule rule = { "getcwd", action, 0, NULL };
	const struct cordon_seccomp_policy policy = { SECCOMP_RET_ALLOW, SECCOMP_RET_ERRNO | ENOSYS, &rule, 1, 0 };
	struct cordon_seccomp *seccomp;
	struct cordon_error err;

	REQUIRE(cordon_seccomp_new(&policy, CORDON_ARCH_NATIVE, &seccomp, &err) == 0);
	return seccomp;
}

static void use(struct sandbox *s, const struct cordon_seccomp *policy)
{
	sandbox_init(s);
	s->config.seccomp_kind = CORDON_SECCOMP_POLICY;
	s->config.seccomp_policy = policy;
}

static void a_policy_of_the_caller_holds_in_a_run(void)
{
	struct cordon_seccomp *policy = policy_new(SECCOMP_RET_ERRNO | EXDEV);
	struct sandbox s;
	struct outcome o;

	use(&s, policy);
	sandbox_run(&s, ARGV(SUBJECT, "exit", "0"), &o);
	CHECK_OK(&o);
	CHECK(o.result->layers & CORDON_LAYER_BIT(CORDON_LAYER_SECCOMP));
	CHECK_EQ(o.result->engine, CORDON_ENGINE_AUTO);	/* no supervisor is needed */
	CHECK_EQ(o.result->nevents, 0);
	outcome_done(&o);
	sandbox_run(&s, ARGV(SUBJECT, "cwd"), &o);
	CHECK_OK(&o);
	CHECK_OUT(&o, "?\n");	/* getcwd failed */
	outcome_done(&o);
	cordon_seccomp_free(policy);
}

static void a_policy_of_the_caller_holds_in_two_containers(void)
{
	struct cordon_seccomp *policy = policy_new(SECCOMP_RET_ERRNO | EXDEV);
	struct kept k[2];
	struct outcome o;

	for (size_t i = 0; i < LENGTH(k); i++) {
		use(&k[i].s, policy);
		KEPT_OPEN(&k[i]);
	}
	for (size_t i = 0; i < LENGTH(k); i++) {
		kept_run(&k[i], ARGV(SUBJECT, "cwd"), &o);
		CHECK_OK(&o);
		CHECK_OUT(&o, "?\n");
		outcome_done(&o);
		kept_run(&k[i], ARGV(SUBJECT, "exit", "0"), &o);
		CHECK_OK(&o);
		outcome_done(&o);
		KEPT_CLOSE(&k[i]);
	}
	cordon_seccomp_free(policy);
}

static void a_supervisor_that_contradicts_itself_is_refused(void)
{
	const struct cordon_supervisor bad = { .engine = CORDON_ENGINE_NOTIFY, .flags = CORDON_SUPERVISOR_RECORD };
	struct sandbox s;
	struct outcome o;
	struct kept k;

	sandbox_init(&s);
	s.command.supervisor = &bad;
	sandbox_run(&s, ARGV(SUBJECT, "exit", "0"), &o);
	CHECK_ERROR(&o, CORDON_STEP_VALIDATE, 0);
	outcome_done(&o);
	sandbox_init(&k.s);
	KEPT_OPEN(&k);
	k.s.command.supervisor = &bad;
	kept_run(&k, ARGV(SUBJECT, "exit", "0"), &o);
	CHECK_ERROR(&o, CORDON_STEP_VALIDATE, 0);
	outcome_done(&o);
	k.s.command.supervisor = NULL;	/* it costs the container nothing */
	kept_run(&k, ARGV(SUBJECT, "exit", "0"), &o);
	CHECK_OK(&o);
	outcome_done(&o);
	KEPT_CLOSE(&k);
}

static void without_namespaces_every_command_needs_a_path_policy(void)
{
	struct sandbox s;
	struct outcome o;

	sandbox_init(&s);
	s.config.namespaces = CORDON_NAMESPACES_NONE;
	s.config.nmounts = 0;
	sandbox_run(&s, ARGV("/bin/true"), &o);
	CHECK_ERROR(&o, CORDON_STEP_VALIDATE, 0);
	CHECK(memmem(o.err.detail, o.err.detail_len, "supervisor", 10) != NULL);
	outcome_done(&o);
}

static void a_label_without_its_module_is_refused(void)
{
	struct cordon_error err;
	struct sandbox s;
	struct outcome o;
	struct kept k;

	if (access("/sys/kernel/security/lsm", R_OK) == 0 || access("/sys/module/apparmor", F_OK) == 0)
		SKIP_SCENARIO("a kernel without AppArmor");
	sandbox_init(&s);
	s.config.apparmor_profile = "box";
	sandbox_run(&s, ARGV(SUBJECT, "exit", "0"), &o);
	CHECK_ERROR(&o, CORDON_STEP_LABEL, 0);
	outcome_done(&o);
	sandbox_init(&k.s);
	k.s.config.apparmor_profile = "box";
	MUST_FAIL(kept_open(&k, &err), &err, CORDON_STEP_LABEL, 0);
}

int main(int argc, char **argv)
{
	static const struct scenario list[] = {
		SCENARIO(a_policy_of_the_caller_holds_in_a_run),
		SCENARIO(a_policy_of_the_caller_holds_in_two_containers),
		SCENARIO(a_supervisor_that_contradicts_itself_is_refused),
		SCENARIO(without_namespaces_every_command_needs_a_path_policy),
		SCENARIO(a_label_without_its_module_is_refused),
	};

	return scenario_main(argc, argv, list, LENGTH(list));
}
