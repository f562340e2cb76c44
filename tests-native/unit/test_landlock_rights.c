/* SPDX-License-Identifier: Apache-2.0 */
/* The table of Landlock rights, for accesses to places, under each ABI. */
#include "supervisor/landlock.h"

#include <stddef.h>
#include "cordon/supervisor.h"
#include "test.h"

#define R CORDON_ACCESS_READ
#define W CORDON_ACCESS_WRITE
#define S CORDON_ACCESS_STAT
#define X CORDON_ACCESS_EXEC
#define NEWEST 7

/* A letter for each right, lowest bit first: eXecute, Write, Read, List, rmDir, Unlink, Char device, mkdir (M), regular
 * file (F), sOcket, fifo (P), Block device, Symlink, rEfer, Truncate, Ioctl. */
static const char letters[] = "XWRLDUCMFOPBSETI";

static const char *text_of(uint64_t rights)
{
	static char buf[sizeof letters + 2];
	size_t n = 0;

	for (size_t i = 0; i < sizeof letters - 1; i++)
		if (rights >> i & 1)
			buf[n++] = letters[i];
	if (rights >> (sizeof letters - 1) != 0)
		buf[n++] = '?';
	buf[n] = '\0';
	return buf;
}

static const struct {
	uint32_t access;
	enum landlock_place place;
	int abi;
	const char *rights;
} rows[] = {
	{ 0, LANDLOCK_PLACE_TREE, NEWEST, "" },
	{ S, LANDLOCK_PLACE_FILE, NEWEST, "" },
	{ S, LANDLOCK_PLACE_TREE, NEWEST, "" },
	{ S, LANDLOCK_PLACE_NEW_TREE, NEWEST, "" },

	{ R, LANDLOCK_PLACE_FILE, NEWEST, "RI" },
	{ R, LANDLOCK_PLACE_TREE, NEWEST, "RLI" },
	{ R, LANDLOCK_PLACE_DIRECTORY, NEWEST, "L" },
	{ R, LANDLOCK_PLACE_NEW_FILE, NEWEST, "" },
	{ R, LANDLOCK_PLACE_NEW_TREE, NEWEST, "" },
	{ R, LANDLOCK_PLACE_PROC, NEWEST, "RL" },

	{ W, LANDLOCK_PLACE_FILE, NEWEST, "WTI" },
	{ W, LANDLOCK_PLACE_TREE, NEWEST, "WDUMFOPSETI" },
	{ W, LANDLOCK_PLACE_DIRECTORY, NEWEST, "" },
	{ W, LANDLOCK_PLACE_NEW_FILE, NEWEST, "WMFOPST" },
	{ W, LANDLOCK_PLACE_NEW_TREE, NEWEST, "WDUMFOPSET" },
	{ W, LANDLOCK_PLACE_PROC, NEWEST, "" },

	{ X, LANDLOCK_PLACE_FILE, NEWEST, "XR" },
	{ X, LANDLOCK_PLACE_TREE, NEWEST, "XR" },
	{ X, LANDLOCK_PLACE_DIRECTORY, NEWEST, "" },
	{ X, LANDLOCK_PLACE_NEW_FILE, NEWEST, "" },
	{ X, LANDLOCK_PLACE_PROC, NEWEST, "" },

	{ R | W | X | S, LANDLOCK_PLACE_FILE, NEWEST, "XWRTI" },
	{ R | W | X | S, LANDLOCK_PLACE_TREE, NEWEST, "XWRLDUMFOPSETI" },
	{ R | W | X | S, LANDLOCK_PLACE_DIRECTORY, NEWEST, "L" },
	{ R | W, LANDLOCK_PLACE_NEW_FILE, NEWEST, "WRMFOPST" },
	{ R | W, LANDLOCK_PLACE_NEW_TREE, NEWEST, "WRLDUMFOPSET" },
	{ R | W | X, LANDLOCK_PLACE_NEW_FILE, NEWEST, "XWRMFOPST" },
	{ R | W | X, LANDLOCK_PLACE_PROC, NEWEST, "RL" },

	{ R | W, LANDLOCK_PLACE_TREE, 1, "WRLDUMFOPS" },
	{ R | W, LANDLOCK_PLACE_TREE, 2, "WRLDUMFOPSE" },
	{ R | W, LANDLOCK_PLACE_TREE, 3, "WRLDUMFOPSET" },
	{ R | W, LANDLOCK_PLACE_TREE, 4, "WRLDUMFOPSET" },
	{ R | W, LANDLOCK_PLACE_TREE, 5, "WRLDUMFOPSETI" },
	{ R | W, LANDLOCK_PLACE_FILE, 1, "WR" },
	{ R | W, LANDLOCK_PLACE_FILE, 3, "WRT" },
	{ R | W, LANDLOCK_PLACE_FILE, 5, "WRTI" },
};

static void rows_hold(void)
{
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		const char *text = text_of(landlock_rights(rows[i].access, rows[i].place, rows[i].abi));

		if (strcmp(text, rows[i].rights) != 0)
			TEST_FAIL("row %zu: \"%s\", not \"%s\"", i, text, rows[i].rights);
	}
}

/* What the kernel refuses with EINVAL: a right that is not handled, and a directory's right on a file. */
static void kernel_takes_all(void)
{
	const uint64_t of_file = LANDLOCK_ACCESS_FS_EXECUTE | LANDLOCK_ACCESS_FS_WRITE_FILE |
				 LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_TRUNCATE |
				 LANDLOCK_ACCESS_FS_IOCTL_DEV;

	for (int abi = 1; abi <= NEWEST + 2; abi++)
		for (uint32_t access = 0; access < 16; access++)
			for (int place = LANDLOCK_PLACE_FILE; place <= LANDLOCK_PLACE_PROC; place++) {
				uint64_t rights = landlock_rights(access, (enum landlock_place)place, abi);

				CHECK_EQ(rights & ~landlock_handled(abi), 0);
				if (place == LANDLOCK_PLACE_FILE)
					CHECK_EQ(rights & ~of_file, 0);
				CHECK_EQ(rights & ~landlock_rights(access, LANDLOCK_PLACE_TREE, abi), 0);
			}
}

static void handled_by_abi(void)
{
	static const char *const handled[] = { "", "XWRLDUCMFOPBS", "XWRLDUCMFOPBSE", "XWRLDUCMFOPBSET",
					       "XWRLDUCMFOPBSET" };

	for (int abi = 1; abi < 5; abi++)
		CHECK_STR(text_of(landlock_handled(abi)), handled[abi]);
	for (int abi = 5; abi <= NEWEST + 2; abi++)
		CHECK_STR(text_of(landlock_handled(abi)), letters);
	CHECK_EQ(landlock_net_rights(0), 0);
	CHECK_EQ(landlock_net_rights(CORDON_PORT_BIND), 1);
	CHECK_EQ(landlock_net_rights(CORDON_PORT_CONNECT), 2);
	CHECK_EQ(landlock_net_rights(CORDON_PORT_BIND | CORDON_PORT_CONNECT), 3);
	CHECK_EQ(landlock_scopes(5), 0);
	CHECK_EQ(landlock_scopes(6), 3);
	CHECK_EQ(landlock_scopes(NEWEST), 3);
}

int main(void)
{
	rows_hold();
	kernel_takes_all();
	handled_by_abi();
	return TEST_RESULT();
}
