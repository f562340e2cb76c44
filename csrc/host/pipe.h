/* SPDX-License-Identifier: Apache-2.0 */
/* pipe: what the host needs to write to a reader that it does not trust. */
#ifndef CORDON_HOST_PIPE_H
#define CORDON_HOST_PIPE_H

#include <stddef.h>

/* write(2) that answers -EPIPE without raising SIGPIPE: in a library the signal would end a host that has nothing to do with
 * it. One that was pending before stays pending. The number of bytes written, or -errno. */
long pipe_write_quietly(int fd, const void *data, size_t len);

#endif
