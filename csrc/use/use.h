/* SPDX-License-Identifier: Apache-2.0 */
/* use: counts the users of what the library keeps for all sandboxes, so that it is released only while there are none.
 *
 * What is kept: the directories of control groups, the janitor, cordon-init's memory file, /dev/null, compiled filters,
 * the descriptor of the trace.
 * Runs in the library only. Any thread; there is no lock, because libpthread is not linked.
 * I1  What is kept is touched only between use_begin and use_end, or between use_stop and use_resume, and those two
 *     never overlap.
 * I2  A process that was forked has the count of its parent: what its parent had open is in use there for ever. */
#ifndef CORDON_USE_H
#define CORDON_USE_H

/* Waits while another thread releases. May be nested: who uses already does not wait. */
void use_begin(void);
void use_end(void);

/* 0: there is no user, and use_begin waits until use_resume. -EBUSY: there is one.
 * Waits while another thread releases. */
int use_stop(void);
void use_resume(void);

#endif
