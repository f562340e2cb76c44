/* SPDX-License-Identifier: Apache-2.0 */
/* terminal: opens a pseudoterminal (pty(7)). */
#ifndef CORDON_HOST_TERMINAL_H
#define CORDON_HOST_TERMINAL_H

/* Opens both sides, close-on-exec, and not as the controlling terminal. flags: further ones of open(2) for the master.
 * 0 or -errno. */
int terminal_open(int flags, int *ret_master, int *ret_slave);

#endif
