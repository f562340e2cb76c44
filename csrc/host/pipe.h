/* SPDX-License-Identifier: Apache-2.0 */
/* pipe: pipes between the host and programs that it does not trust. */
#ifndef CORDON_HOST_PIPE_H
#define CORDON_HOST_PIPE_H

#include <stddef.h>
#include <stdint.h>

/* A close-on-exec pipe, the read end first. mode: what the programs, whose uid is another one, may open again by a name
 * as /dev/stdin; nobody else can reach it. 0 or -errno. */
int pipe_open(uint32_t mode, int ret_fds[2]);

/* write(2) that answers -EPIPE without raising SIGPIPE: in a library the signal would end a host that has nothing to do
 * with it. One that was pending before stays pending. The number of bytes written, or -errno. */
long pipe_write_quietly(int fd, const void *data, size_t len);

#endif
