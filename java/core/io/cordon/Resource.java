package io.cordon;

/** A resource of setrlimit(2), with the numbers of x86_64 and aarch64. */
public enum Resource {
  /** CPU seconds of one process. */
  CPU(0),

  /** Bytes of one file. */
  FSIZE(1),

  /** Bytes of data segment and private writable mappings. */
  DATA(2),

  /** Bytes of the first thread's stack. */
  STACK(3),

  /** Bytes of a core file. */
  CORE(4),

  /** Without effect since Linux 2.4.30. */
  RSS(5),

  /** Processes and threads of the user id. */
  NPROC(6),

  /** One more than the highest descriptor. */
  NOFILE(7),

  /** Bytes locked into memory. */
  MEMLOCK(8),

  /** Bytes of address space; breaks programs that reserve much, such as the JVM, Node and Go. */
  AS(9),

  /** Without effect since Linux 2.4.25. */
  LOCKS(10),

  /** Queued signals of the user id. */
  SIGPENDING(11),

  /** Bytes in POSIX message queues. */
  MSGQUEUE(12),

  /** Ceiling of the nice value, as 20 - nice. */
  NICE(13),

  /** Ceiling of the real-time priority. */
  RTPRIO(14),

  /** Microseconds of real-time CPU time without a blocking call. */
  RTTIME(15);

  private final int number;

  Resource(int number) {
    this.number = number;
  }

  /**
   * Returns the number that the C API uses for it.
   *
   * @return the number, which is never given to anything else
   */
  public int number() {
    return number;
  }
}
