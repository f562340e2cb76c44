// SPDX-License-Identifier: Apache-2.0
package io.cordon;

/**
 * Called between set-up and exec; the program's process waits until it returns.
 *
 * <p>A blocking run calls it on the caller's thread. The asynchronous form (and a run on a virtual thread) calls it on
 * Cordon's event thread, where it holds up all other asynchronous runs: it must be quick and must not wait for a run.
 *
 * @since 0.1.0
 */
@FunctionalInterface
public interface SyncAction {
  /**
   * Acts before the program runs, for example puts it into a control group.
   *
   * @param pid the process id on the host; valid until this method returns
   * @return true to let the program run; false ends the run with a {@link SandboxException} of the step
   *     {@link Step#SYNC}
   * @throws Exception ends the run in the same way and becomes the cause
   */
  boolean beforeExec(long pid) throws Exception;
}
