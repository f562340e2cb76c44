/* SPDX-License-Identifier: Apache-2.0 */
/* carry_socket: connect, on the program's own socket. */
#ifndef CORDON_SUPERVISOR_CARRY_SOCKET_H
#define CORDON_SUPERVISOR_CARRY_SOCKET_H

#include "supervisor/carrying.h"

#define CARRY_LATER (-4098)

/* Connects as far as that goes without waiting. The call's result, -errno, or CARRY_LATER: the call goes on in
 * connects.h. */
int64_t carry_connect(struct carrying *c);

#endif
