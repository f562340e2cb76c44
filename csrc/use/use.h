/* SPDX-License-Identifier: Apache-2.0 */
/* use: counts the calls that use what the library keeps for all sandboxes, so that it is released only while there are
 * none.
 *
 * Kept are: the directories of control groups, the janitor, cordon-init's memfd, /dev/null, compiled filters, the
 * descriptor of the trace. Runs in the library only. Any thread; a futex instead of a lock, because libpthread is not
 * linked.
 * I1  What is kept is used only between use_begin and use_end, and released only between use_stop and use_resume. The
 *     two never overlap.
 * I2  A forked child inherits its parent's count: what the parent had open stays in use there for ever. */
#ifndef CORDON_USE_H
#define CORDON_USE_H

/* Waits while another thread releases. Calls may be nested: a nested call does not wait. */
void use_begin(void);
void use_end(void);

/* 0: there is no user, and use_begin waits until use_resume. -EBUSY: there are users. Waits while another thread
 * releases. */
int use_stop(void);
void use_resume(void);

#endif
