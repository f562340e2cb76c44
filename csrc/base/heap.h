/* SPDX-License-Identifier: Apache-2.0 */
/* heap: memory that is freed at the end of its block. Only for the library: cordon-init has no heap. Not in base.h,
 * because some files that include it also include kernel headers that conflict with <stdlib.h>. */
#ifndef CORDON_BASE_HEAP_H
#define CORDON_BASE_HEAP_H

#include <stdlib.h>

/* For __attribute__((cleanup)) on a pointer of any type, which may be NULL. */
static inline void heap_free(void *pointer)
{
	void *memory;

	__builtin_memcpy(&memory, pointer, sizeof memory);
	free(memory);
}

#define AUTO_FREE __attribute__((cleanup(heap_free)))

#endif
