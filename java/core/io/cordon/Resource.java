// SPDX-License-Identifier: Apache-2.0
package io.cordon;

/**
 * A resource of setrlimit(2), with the numbers of x86_64 and aarch64.
 *
 * @since 0.1.0
 */
public enum Resource {
  /** CPU seconds of one process. */
  CPU,

  /** Bytes of one file. */
  FSIZE,

  /** Bytes of data segment and private writable mappings. */
  DATA,

  /** Bytes of the first thread's stack. */
  STACK,

  /** Bytes of a core file. */
  CORE,

  /** Without effect since Linux 2.4.30. */
  RSS,

  /** Processes and threads of the user id. */
  NPROC,

  /** One more than the highest descriptor. */
  NOFILE,

  /** Bytes locked into memory. */
  MEMLOCK,

  /** Bytes of address space; breaks programs that reserve much, such as the JVM, Node and Go. */
  AS,

  /** Without effect since Linux 2.4.25. */
  LOCKS,

  /** Queued signals of the user id. */
  SIGPENDING,

  /** Bytes in POSIX message queues. */
  MSGQUEUE,

  /** Ceiling of the nice value, as 20 - nice. */
  NICE,

  /** Ceiling of the real-time priority. */
  RTPRIO,

  /** Microseconds of real-time CPU time without a blocking call. */
  RTTIME
}
