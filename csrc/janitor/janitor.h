/* SPDX-License-Identifier: Apache-2.0 */
/* janitor: removes the control groups of a host process that has died.
 *
 * Runs as a process of its own: cordon-init's executable, started as "cordon-janitor". Descriptor 0 is one end of a
 * socket pair whose other end only the host holds; descriptors from 3 on are the directories to clean; argv[1] is the
 * prefix of the groups' names. It writes its pid to the socket, then sleeps in read(2) until the host has died or shut
 * down its end. It has its own session and ignores terminal signals. */
#ifndef CORDON_JANITOR_H
#define CORDON_JANITOR_H

/* Never returns. */
_Noreturn void janitor_main(int argc, const char *const *argv);

#endif
