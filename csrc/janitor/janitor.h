/* SPDX-License-Identifier: Apache-2.0 */
/* janitor: removes the cgroups of a host process that has died.
 *
 * Runs as a process of its own: cordon-init's executable started as "cordon-janitor" with descriptor 0 = one end of a
 * socket whose other end only the host holds, descriptors 3.. = the directories to clean, argv[1] = the prefix of the
 * groups' names.
 * Its pid is written to the socket, then it sleeps in read(2) until the host is gone, or has shut its end down. It
 * ignores terminal signals and has a session of its own. */
#ifndef CORDON_JANITOR_H
#define CORDON_JANITOR_H

/* Never returns. */
_Noreturn void janitor_main(int argc, const char *const *argv);

#endif
