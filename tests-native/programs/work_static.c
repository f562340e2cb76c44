/* SPDX-License-Identifier: Apache-2.0 */
/* work_static: a fixed amount of work: N million steps of a random number generator. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

int main(int argc, char **argv)
{
	uint64_t x = 88172645463325252, n = (argc > 1 ? strtoul(argv[1], NULL, 10) : 1) * 1000000;

	while (n-- > 0) {
		x ^= x << 13;
		x ^= x >> 7;
		x ^= x << 17;
	}
	return x == 0;
}
