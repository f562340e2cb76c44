/* SPDX-License-Identifier: Apache-2.0 */
/* trace, the host's half: CORDON_TRACE in the environment of the process.
 *
 * The variable is the number of a descriptor that is open for writing. Anything else turns tracing off, and stderr
 * says so once. What is used, and given to cordon-init, is a copy of that descriptor: the caller may close it, and its
 * number may then be another file. Of a pipe it is an open file of its own that never waits (O_NONBLOCK). */
#ifndef CORDON_TRACE_HOST_H
#define CORDON_TRACE_HOST_H

/* Reads the variable, at the first call and at the first one after a release. Between use_begin and use_end. */
void trace_host_begin(void);

/* Closes the copy. Between use_stop and use_resume. */
void trace_host_release(void);

#endif
