/* SPDX-License-Identifier: Apache-2.0 */
/* image: makes the sealed memfd of an executable.
 *
 * I1  The first caller to finish publishes its descriptor; a slower one closes its own and uses that one. No lock is
 *     held, so a fork or a signal in between does no harm.
 * I2  A failure is not remembered: the next caller tries again. */
#include "image/image.h"

#include <linux/errno.h>
#include <linux/fcntl.h>
#include <linux/memfd.h>
#include <stdatomic.h>
#include "base/base.h"
#include "error/error.h"

/* linux/fcntl.h, Linux 6.3: the executable bits cannot be changed, also not by the owner */
#ifndef F_SEAL_EXEC
#define F_SEAL_EXEC 0x0020
#endif

#define SEALS (F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE)

extern const char image_start[], image_end[];

static struct image *_Atomic all;

static long memory_file(const char *name)
{
	long fd = sys(__NR_memfd_create, name, MFD_CLOEXEC | MFD_ALLOW_SEALING | MFD_EXEC);

	/* Before Linux 6.3 MFD_EXEC is unknown, and every memfd is executable. */
	if (fd == -EINVAL)
		fd = sys(__NR_memfd_create, name, MFD_CLOEXEC | MFD_ALLOW_SEALING);
	return fd;
}

/* Without F_SEAL_EXEC (Linux 6.3) a process with the caller's uid could remove the executable bits, but not change the
 * contents. */
static long seal(int fd)
{
	long rc = sys(__NR_fcntl, fd, F_ADD_SEALS, SEALS | F_SEAL_EXEC);

	if (rc == -EINVAL)
		rc = sys(__NR_fcntl, fd, F_ADD_SEALS, SEALS);
	return rc;
}

int image_publish(struct image *image, struct cordon_error *err)
{
	int expected = 0;
	int known = atomic_load_explicit(&image->published, memory_order_acquire);
	AUTO_CLOSE int fd = -1;
	long rc;

	if (known != 0)
		return known - 1;
	rc = memory_file(image->name);
	if (rc < 0)
		return error_set(err, (int)-rc, CORDON_STEP_MEMFD, CORDON_NO_INDEX, "memfd_create");
	fd = (int)rc;
	rc = fd_write_full(fd, image->start, (size_t)(image->end - image->start));
	if (rc < 0)
		return error_set(err, (int)-rc, CORDON_STEP_MEMFD, CORDON_NO_INDEX, "write");
	rc = seal(fd);
	if (rc < 0)
		return error_set(err, (int)-rc, CORDON_STEP_MEMFD, CORDON_NO_INDEX, "F_ADD_SEALS");
	if (!atomic_compare_exchange_strong(&image->published, &expected, fd + 1))
		return expected - 1;
	image->next = atomic_load(&all);
	while (!atomic_compare_exchange_weak(&all, &image->next, image))
		;
	return fd_take(&fd);
}

int image_fd(struct cordon_error *err)
{
	static struct image init = { .name = "cordon-init", .start = image_start, .end = image_end };

	return image_publish(&init, err);
}

void image_release(void)
{
	for (struct image *image = atomic_exchange(&all, NULL); image != NULL; image = image->next) {
		int fd = atomic_exchange(&image->published, 0) - 1;

		fd_close(&fd);
	}
}
