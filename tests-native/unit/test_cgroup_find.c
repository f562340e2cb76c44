/* SPDX-License-Identifier: Apache-2.0 */
/* Finds the own group in the texts of mountinfo and cgroup of other machines. */
#include <string.h>
#include "cgroup/find.h"
#include "support/test.h"

static void check_place(int line, const char *mountinfo, const char *own, enum cgroup_controller controller,
			uint32_t version, const char *path)
{
	struct cgroup_place places[CGROUP_PLACES_MAX];
	uint32_t n = cgroup_find_places(mountinfo, own, controller, places);

	if (version == CORDON_CGROUP_NONE) {
		if (n != 0)
			TEST_FAIL("line %d: found %s", line, places[0].path);
		return;
	}
	if (n == 0)
		TEST_FAIL("line %d: nothing found, not %s", line, path);
	else if (places[0].version != version || strcmp(places[0].path, path) != 0)
		TEST_FAIL("line %d: v%u %s, not %s", line, places[0].version, places[0].path, path);
}

#define PLACE(mountinfo, own, controller, version, path)                                                           \
	check_place(__LINE__, mountinfo, own, controller, version, path)
#define NOWHERE(mountinfo, own, controller) check_place(__LINE__, mountinfo, own, controller, CORDON_CGROUP_NONE, NULL)

/* v1 on the host: a hierarchy per controller, cpu and cpuacct together under the name of both. */
static void test_v1_host(void)
{
	static const char mountinfo[] =
		"22 1 8:1 / / rw,relatime shared:1 - ext4 /dev/sda1 rw,errors=remount-ro\n"
		"30 25 0:26 / /sys/fs/cgroup ro,nosuid,nodev,noexec shared:9 - tmpfs tmpfs ro,mode=755\n"
		"31 30 0:27 / /sys/fs/cgroup/systemd rw,nosuid shared:10 - cgroup cgroup rw,xattr,name=systemd\n"
		"33 30 0:30 / /sys/fs/cgroup/cpu,cpuacct rw,nosuid shared:11 - cgroup cgroup rw,cpu,cpuacct\n"
		"34 30 0:31 / /sys/fs/cgroup/memory rw,nosuid shared:12 - cgroup cgroup rw,memory\n"
		"35 30 0:32 / /sys/fs/cgroup/pids rw,nosuid shared:13 - cgroup cgroup rw,pids\n";
	static const char own[] =
		"7:memory:/user.slice/user-1000.slice/session-3.scope\n"
		"5:pids:/user.slice/user-1000.slice/session-3.scope\n"
		"4:cpu,cpuacct:/\n"
		"1:name=systemd:/user.slice\n";

	PLACE(mountinfo, own, CGROUP_MEMORY, CORDON_CGROUP_V1,
	      "/sys/fs/cgroup/memory/user.slice/user-1000.slice/session-3.scope");
	PLACE(mountinfo, own, CGROUP_PIDS, CORDON_CGROUP_V1,
	      "/sys/fs/cgroup/pids/user.slice/user-1000.slice/session-3.scope");
	PLACE(mountinfo, own, CGROUP_CPU, CORDON_CGROUP_V1, "/sys/fs/cgroup/cpu,cpuacct");
}

/* Docker on v1: the container sees its own group as the mount's root, and its full path in /proc/self/cgroup. */
static void test_docker_v1(void)
{
	static const char mountinfo[] =
		"1190 1180 0:91 / /sys/fs/cgroup rw,nosuid,nodev,noexec,relatime - tmpfs tmpfs rw,mode=755\n"
		"1194 1190 0:34 /docker/0af7c2 /sys/fs/cgroup/memory ro,nosuid master:15 - cgroup cgroup rw,memory\n"
		"1195 1190 0:35 /docker/0af7c2 /sys/fs/cgroup/pids ro,nosuid master:16 - cgroup cgroup rw,pids\n"
		"1196 1190 0:36 /docker/0af7 /sys/fs/cgroup/cpuacct ro,nosuid master:17 - cgroup cgroup rw,cpuacct\n";
	static const char own[] =
		"9:memory:/docker/0af7c2\n"
		"8:pids:/docker/0af7c2/inner\n"
		"7:cpuacct:/docker/0af7c2\n";

	PLACE(mountinfo, own, CGROUP_MEMORY, CORDON_CGROUP_V1, "/sys/fs/cgroup/memory");
	PLACE(mountinfo, own, CGROUP_PIDS, CORDON_CGROUP_V1, "/sys/fs/cgroup/pids/inner");
	NOWHERE(mountinfo, own, CGROUP_CPU);	/* /docker/0af7 is another group than /docker/0af7c2 */
}

/* Docker on v2, private and host cgroup namespace. */
static void test_docker_v2(void)
{
	static const char private_ns[] =
		"744 743 0:28 / /sys/fs/cgroup ro,nosuid,nodev,noexec - cgroup2 cgroup rw,nsdelegate\n";
	static const char host_ns[] =
		"744 743 0:28 /system.slice/docker-1f.scope /sys/fs/cgroup ro,nosuid,nodev - cgroup2 cgroup rw\n";

	for (int c = 0; c < CGROUP_CONTROLLERS; c++) {
		PLACE(private_ns, "0::/\n", (enum cgroup_controller)c, CORDON_CGROUP_V2, "/sys/fs/cgroup");
		PLACE(host_ns, "0::/system.slice/docker-1f.scope\n", (enum cgroup_controller)c, CORDON_CGROUP_V2,
		      "/sys/fs/cgroup");
	}
}

/* systemd's hybrid: controllers on v1, a unified tree that has none of them. v2 is the second choice there. */
static void test_systemd_hybrid(void)
{
	static const char mountinfo[] =
		"27 23 0:24 / /sys/fs/cgroup/unified rw,nosuid shared:10 - cgroup2 cgroup2 rw,nsdelegate\n"
		"35 23 0:32 / /sys/fs/cgroup/memory rw,nosuid shared:13 - cgroup cgroup rw,memory\n";
	static const char own[] = "6:memory:/a\n1:name=systemd:/a\n0::/a/b\n";
	struct cgroup_place places[CGROUP_PLACES_MAX];

	CHECK_EQ(cgroup_find_places(mountinfo, own, CGROUP_MEMORY, places), 2);
	CHECK_EQ(places[0].version, CORDON_CGROUP_V1);
	CHECK_STR(places[0].path, "/sys/fs/cgroup/memory/a");
	CHECK_EQ(places[1].version, CORDON_CGROUP_V2);
	CHECK_STR(places[1].path, "/sys/fs/cgroup/unified/a/b");
	PLACE(mountinfo, own, CGROUP_PIDS, CORDON_CGROUP_V2, "/sys/fs/cgroup/unified/a/b");
}

/* Kubernetes with a private cgroup namespace; a mount from before the namespace shows a root above it. */
static void test_kubernetes(void)
{
	static const char mountinfo[] =
		"2113 2112 0:27 /../../.. /host/cgroup rw,nosuid - cgroup2 cgroup rw\n"
		"2114 2112 0:27 / /sys/fs/cgroup ro,nosuid,nodev,noexec,relatime - cgroup2 cgroup rw\n";

	PLACE(mountinfo, "0::/\n", CGROUP_MEMORY, CORDON_CGROUP_V2, "/sys/fs/cgroup");
	NOWHERE(mountinfo, "0::/../sidecar\n", CGROUP_MEMORY);
	NOWHERE("2113 2112 0:27 /../../.. /host/cgroup rw,nosuid - cgroup2 cgroup rw\n", "0::/\n", CGROUP_MEMORY);
}

static void check_root(int line, const char *mountinfo, const char *own, bool root)
{
	struct cgroup_place places[CGROUP_PLACES_MAX];

	if (cgroup_find_places(mountinfo, own, CGROUP_MEMORY, places) != 1 || places[0].root != root)
		TEST_FAIL("line %d: %sthe root of its namespace", line, root ? "not " : "");
}

/* A process in a host group makes its groups in the parent. A group whose name only resembles a host group's is an
 * ordinary group. */
static void test_host_group(void)
{
	static const char user[] =
		"30 24 0:26 / /sys/fs/cgroup rw,nosuid,nodev,noexec - cgroup2 cgroup2 "
		"rw,nsdelegate,memory_recursiveprot\n";
	static const char slice[] = "/user.slice/user-1000.slice/user@1000.service/app.slice/run-u7.scope";
	char own[300], path[300];

	snprintf(own, sizeof own, "0::%s\n", slice);
	snprintf(path, sizeof path, "/sys/fs/cgroup%s", slice);
	PLACE(user, own, CGROUP_MEMORY, CORDON_CGROUP_V2, path);
	check_root(__LINE__, user, own, false);
	snprintf(own, sizeof own, "0::%s/cordon.4711.host\n", slice);
	PLACE(user, own, CGROUP_MEMORY, CORDON_CGROUP_V2, path);
	check_root(__LINE__, user, own, false);
	PLACE(user, "0::/cordon.1.host\n", CGROUP_MEMORY, CORDON_CGROUP_V2, "/sys/fs/cgroup");
	check_root(__LINE__, user, "0::/cordon.1.host\n", true);
	check_root(__LINE__, user, "0::/\n", true);
	PLACE(user, "0::/a/cordon.1.hosts\n", CGROUP_MEMORY, CORDON_CGROUP_V2, "/sys/fs/cgroup/a/cordon.1.hosts");
	PLACE(user, "0::/a/xcordon.1.host\n", CGROUP_MEMORY, CORDON_CGROUP_V2, "/sys/fs/cgroup/a/xcordon.1.host");
	PLACE(user, "0::/a/cordon.1.host/b\n", CGROUP_MEMORY, CORDON_CGROUP_V2, "/sys/fs/cgroup/a/cordon.1.host/b");
	PLACE("10 1 0:30 / /m rw - cgroup none rw,memory\n", "4:memory:/cordon.1.host\n", CGROUP_MEMORY,
	      CORDON_CGROUP_V1, "/m/cordon.1.host"); /* v1 needs none */
}

/* v1's cpu and cpuacct are two controllers: together in most systems, apart in some. */
static void test_v1_optional(void)
{
	static const char together[] =
		"33 30 0:30 / /sys/fs/cgroup/cpu,cpuacct rw - cgroup cgroup rw,cpu,cpuacct\n"
		"34 30 0:31 / /sys/fs/cgroup/cpuset rw - cgroup cgroup rw,cpuset\n"
		"35 30 0:32 / /sys/fs/cgroup/blkio rw - cgroup cgroup rw,blkio\n"
		"36 30 0:33 / /sys/fs/cgroup/freezer rw - cgroup cgroup rw,freezer\n";
	static const char own[] = "8:freezer:/f\n6:blkio:/b\n5:cpuset:/s\n4:cpu,cpuacct:/c\n";

	PLACE(together, own, CGROUP_CPU, CORDON_CGROUP_V1, "/sys/fs/cgroup/cpu,cpuacct/c");
	PLACE(together, own, CGROUP_QUOTA, CORDON_CGROUP_V1, "/sys/fs/cgroup/cpu,cpuacct/c");
	PLACE(together, own, CGROUP_CPUSET, CORDON_CGROUP_V1, "/sys/fs/cgroup/cpuset/s");
	PLACE(together, own, CGROUP_IO, CORDON_CGROUP_V1, "/sys/fs/cgroup/blkio/b");
	PLACE(together, own, CGROUP_FREEZER, CORDON_CGROUP_V1, "/sys/fs/cgroup/freezer/f");
	PLACE("33 30 0:30 / /c rw - cgroup cgroup rw,cpu\n34 30 0:31 / /a rw - cgroup cgroup rw,cpuacct\n",
	      "2:cpuacct:/\n1:cpu:/\n", CGROUP_QUOTA, CORDON_CGROUP_V1, "/c");
}

static void test_writable_mount_first(void)
{
	static const char mountinfo[] =
		"10 1 0:30 / /sys/fs/cgroup/memory ro,nosuid - cgroup cgroup rw,memory\n"
		"11 1 0:30 / /run/delegated rw,nosuid - cgroup cgroup rw,memory\n"
		"12 1 0:30 / /run/other rw,nosuid - cgroup cgroup rw,memory\n";

	PLACE(mountinfo, "4:memory:/x\n", CGROUP_MEMORY, CORDON_CGROUP_V1, "/run/delegated/x");
}

static void test_escapes(void)
{
	static const char mountinfo[] =
		"10 1 0:30 /a\\040b /mnt/with\\040space\\134and\\011tab rw - cgroup none rw,memory\n"
		"11 1 0:31 / /mnt/cut\\04 rw - cgroup none rw,pids\n";

	PLACE(mountinfo, "4:memory:/a b/c:d\n", CGROUP_MEMORY, CORDON_CGROUP_V1, "/mnt/with space\\and\ttab/c:d");
	PLACE(mountinfo, "4:pids:/\n", CGROUP_PIDS, CORDON_CGROUP_V1, "/mnt/cut\\04");
}

/* Optional fields may be none or many; a controller is a whole word; a file system that looks like one is not. */
static void test_odd_lines(void)
{
	NOWHERE("", "", CGROUP_MEMORY);
	NOWHERE("\n\n-\n- - -\n", "\n:\n::\n", CGROUP_MEMORY);
	NOWHERE("10 1 0:30 / /m rw - cgroup none rw,memory\n", "4:memory\n", CGROUP_MEMORY);
	NOWHERE("10 1 0:30 / /m rw - cgroup none rw,memory_x\n", "4:memory:/\n", CGROUP_MEMORY);
	NOWHERE("10 1 0:30 / /m rw - tmpfs cgroup rw,memory\n", "4:memory:/\n", CGROUP_MEMORY);
	NOWHERE("10 1 0:30 / /m rw - cgroup none rw,memory\n", "4:hugememory:/\n", CGROUP_MEMORY);
	PLACE("10 1 0:30 / /m rw shared:1 master:2 propagate_from:3 - cgroup - rw,memory\n", "4:memory:/\n",
	      CGROUP_MEMORY, CORDON_CGROUP_V1, "/m");
	PLACE("10 1 0:30 / /m rw - cgroup none rw,memory", "4:memory:/g", CGROUP_MEMORY, CORDON_CGROUP_V1, "/m/g");
}

static void test_long_paths(void)
{
	char own[400] = "4:memory:/", expected[400];
	size_t used = strlen(own);

	memset(own + used, 'g', 252);	/* "/m/" + 252 is the longest that fits */
	snprintf(expected, sizeof expected, "/m%s", own + strlen("4:memory:"));
	PLACE("10 1 0:30 / /m rw - cgroup none rw,memory\n", own, CGROUP_MEMORY, CORDON_CGROUP_V1, expected);
	own[used + 252] = 'g';
	NOWHERE("10 1 0:30 / /m rw - cgroup none rw,memory\n", own, CGROUP_MEMORY);
}

int main(void)
{
	test_v1_host();
	test_docker_v1();
	test_docker_v2();
	test_systemd_hybrid();
	test_kubernetes();
	test_host_group();
	test_v1_optional();
	test_writable_mount_first();
	test_escapes();
	test_odd_lines();
	test_long_paths();
	return TEST_RESULT();
}
