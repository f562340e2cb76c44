/* SPDX-License-Identifier: Apache-2.0 */
/* pipe: pipes between the host and programs that it does not trust. */
#ifndef CORDON_HOST_PIPE_H
#define CORDON_HOST_PIPE_H

#include <stdint.h>

/* Opens a close-on-exec pipe, the read end first. mode: the permissions for programs, which have another uid, to open
 * it again by a name such as /dev/stdin; no other process can reach it. 0 or -errno. */
int pipe_open(uint32_t mode, int ret_fds[2]);

#endif
