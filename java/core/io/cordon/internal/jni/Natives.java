// SPDX-License-Identifier: Apache-2.0
package io.cordon.internal.jni;

import java.nio.ByteBuffer;

/**
 * Every native method of Cordon. {@code csrc/jni/format.h} describes the buffers. {@code JNI_OnLoad} registers the
 * methods by the names of this class and of {@link NativeLibrary}, in whatever package both are.
 *
 * <p>Buffers are direct. The caller keeps a buffer reachable until the call returns, and uses a handle only between the
 * call that returns it and the one that frees it. {@link NativeLibrary#ensureLoaded()} comes before the first call:
 * this class has no static initialiser, as {@code JNI_OnLoad} looks it up while the library is being loaded.
 */
public final class Natives {
  /** Tables of {@link #names}. */
  public static final int NAMES_STEP = 0;

  public static final int NAMES_STATUS = 1;
  public static final int NAMES_CAUSE = 2;
  public static final int NAMES_SOURCE = 3;
  public static final int NAMES_LAYER = 4;
  public static final int NAMES_KERNEL_FEATURE = 5;
  public static final int NAMES_EVENT_KIND = 6;
  public static final int NAMES_LIMIT = 7;
  public static final int NAMES_RESULT = 8;

  /** Records of requests and replies, as text. */
  public static final int NAMES_FORMAT = 9;

  /** Tables of {@link #numbers}: what the library knows of a limit. */
  public static final int NUMBERS_LIMIT_KIND = 0;

  public static final int NUMBERS_LIMIT_USUAL = 1;
  public static final int NUMBERS_LIMIT_LEAST = 2;
  public static final int NUMBERS_LIMIT_MOST = 3;
  public static final int NUMBERS_LIMIT_NONE = 4;

  /** How many bytes a record has, by its number in {@link #NAMES_FORMAT}; 0 where they vary. */
  public static final int NUMBERS_FORMAT_SIZE = 5;

  public static final int NUMBERS_REQUEST_VERSION = 6;

  /** What {@link #numbers} returns where there is no such number. */
  public static final long NO_NUMBER = Long.MIN_VALUE;

  /** Flag of {@link #containerRunOpen}: reset after the run, without waiting for it. */
  public static final int RUN_RESET = 1;

  /** Flag of {@link #wiringPipe}: no SIGPIPE for the writer. */
  public static final int PIPE_PROXY = 1;

  private Natives() {}

  /** Writes the library's version as ASCII and returns its length. */
  public static native int version(ByteBuffer out);

  /** Writes the name of {@code number} in {@code table} and returns its length, or -1 where the number is none. */
  public static native int names(int table, int number, ByteBuffer out);

  /** Entry {@code number} of {@code table}, unsigned, or {@link #NO_NUMBER}. */
  public static native long numbers(int table, int number);

  /** Starts a run. Returns a handle greater than 0, or 0 with ERROR at the start of {@code error}. */
  public static native long runOpen(ByteBuffer request, int length, ByteBuffer error);

  /** Blocks until the run waits at its sync point (1), is done (2) or asks a question (3). */
  public static native int runWait(long run);

  /** Writes QUESTION where the run asks one. Returns its length, or -errno. */
  public static native int runQuestion(long run, ByteBuffer out);

  /** Answers the question, by the thread that waits for the run; does nothing where none is open. */
  public static native void runAnswer(long run, int decision, int err);

  /** The program's pid on the host at the sync point, else 0. */
  public static native int runPid(long run);

  /** Ends the sync point: the program starts where {@code go} is not 0, else the run ends. */
  public static native void runRelease(long run, int go);

  /** Kills everything in the sandbox. Any thread, until {@link #runFree}. */
  public static native void runCancel(long run);

  /** Sends a signal to the program's first process. Any thread, until {@link #runFree}. */
  public static native void runSignal(long run, int signal);

  /**
   * Stops (not 0) or continues every process of the run. Any thread, until {@link #runFree}. Returns 0, or -errno with
   * ERROR.
   */
  public static native int runPause(long run, int pause, ByteBuffer error);

  /**
   * Takes the stream of number 0, 1 or 2 of a run that was just opened, which is the caller's to free. Returns a
   * handle, or 0 where the command gave no stream.
   */
  public static native long runStream(long run, int number);

  /**
   * Reads to the buffer's start. Returns the number of bytes, 0 at the end, or -errno: EAGAIN where nothing is there.
   */
  public static native int streamRead(long stream, ByteBuffer buffer, int length);

  /** Writes from the buffer's start. Returns the number of bytes, or -errno: EAGAIN where there is no room. */
  public static native int streamWrite(long stream, ByteBuffer buffer, int length);

  /** Blocks until reading or writing would do something, or {@link #streamWake} was called. Returns 0 or -errno. */
  public static native int streamWait(long stream);

  /** Ends a wait, or the next one where none is going on. Any thread, until {@link #streamFree}. */
  public static native void streamWake(long stream);

  /** The stream's descriptor, for {@link #loopWatch}. */
  public static native int streamFd(long stream);

  /** Says at a terminal that the input ends. Returns 0 or -errno. */
  public static native int streamEnd(long stream);

  /** Sets a terminal's size. Returns 0 or -errno: ENOTTY where it is none. */
  public static native int streamResize(long stream, int columns, int rows);

  /** Closes a stream and frees it. */
  public static native void streamFree(long stream);

  /** The length of REPLY, after the run is done. */
  public static native long runReplyLength(long run);

  /** Writes REPLY from the buffer's start. Returns 0 or -errno. */
  public static native int runReply(long run, ByteBuffer reply);

  /** Ends the run where it still runs, and frees it. */
  public static native void runFree(long run);

  /** Makes an event loop. Returns a handle greater than 0, or 0 with ERROR at the start of {@code error}. */
  public static native long loopOpen(ByteBuffer error);

  /** Hands a run to the loop, whose thread drives it from now on. Returns 0 or -errno. */
  public static native int loopAdd(long loop, long run);

  /**
   * Blocks until a run is done, which takes it out of the loop, or at its sync point, which does not, and returns its
   * handle; or where a descriptor of {@link #loopWatch} is ready, its token, negated; 0 = the loop was closed, or no
   * run was in it for this time.
   */
  public static native long loopNext(long loop, long idleNanos);

  /** Waits once for a descriptor, to read it or (not 0) to write to it. Any thread. Returns 0 or -errno. */
  public static native int loopWatch(long loop, int fd, int toWrite, long token);

  /** Ends that wait, before the descriptor is closed. Any thread. */
  public static native void loopUnwatch(long loop, int fd);

  /** Makes {@link #loopNext} return 0. Any thread. */
  public static native void loopClose(long loop);

  /** Frees the loop: by its own thread, after {@link #loopNext} returned 0. */
  public static native void loopFree(long loop);

  /** Writes FEATURES and returns its length, or -errno. */
  public static native int features(ByteBuffer out);

  /** Releases what the library keeps for the next sandbox. Returns 0, or -errno with ERROR where one is open. */
  public static native int shutdown(ByteBuffer error);

  /** Compiles POLICY. Returns a handle greater than 0, or 0 with ERROR at the start of {@code error}. */
  public static native long seccompNew(ByteBuffer request, int length, ByteBuffer error);

  /** The length of the policy's program in bytes, or -errno; written where it fits. 0 is the built-in policy. */
  public static native int seccompProgram(long policy, ByteBuffer out);

  /** What the policy answers for a call with these six arguments of 64 bits: SECCOMP_RET_* with its data. */
  public static native int seccompVerdict(long policy, int syscall, ByteBuffer args);

  /** Frees a policy; no sandbox may use it any more. */
  public static native void seccompFree(long policy);

  /** The number of a system call on an architecture (0 native, 1 x86_64, 2 aarch64), or -1. */
  public static native int syscallNumber(ByteBuffer name, int length, int arch);

  /** Writes the name of a system call of an architecture and returns its length; 0 = unknown. */
  public static native int syscallName(int number, int arch, ByteBuffer out);

  /** Starts a container. Returns a handle greater than 0, or 0 with ERROR at the start of {@code error}. */
  public static native long containerOpen(ByteBuffer request, int length, ByteBuffer error);

  /**
   * Makes a sidecar of a shared container. Any thread, until {@link #containerFree}. Returns as
   * {@link #containerOpen}.
   */
  public static native long containerSidecar(long container, ByteBuffer error);

  /** Asks for a sign of life. Returns 0, or -errno with ERROR. */
  public static native int containerPing(long container, ByteBuffer error);

  /** Leaves nothing of the runs before. Returns 0, or -errno with ERROR. */
  public static native int containerReset(long container, ByteBuffer error);

  /** Starts a run in a container, as {@link #runOpen}; {@code flags}: {@link #RUN_RESET}. */
  public static native long containerRunOpen(
      long container, ByteBuffer request, int length, int flags, ByteBuffer error);

  /**
   * Opens (0), deletes (1) or links (2) files. Writes FILES REPLY and returns its length, or -errno: ENOSPC where it
   * has no room, and then nothing was done.
   */
  public static native int containerFiles(long container, int op, ByteBuffer request, int length, ByteBuffer reply);

  /**
   * Lists the directory of a descriptor: at most {@code most} entries. Returns a handle, or 0 with ERROR.
   */
  public static native long listingOpen(int fd, int most, ByteBuffer error);

  /** Writes LISTING where it fits. Returns its length. */
  public static native long listingReply(long listing, ByteBuffer reply);

  /** Frees a listing. */
  public static native void listingFree(long listing);

  /** Stops (not 0) or continues every process of the run. Any thread, until {@link #containerFree}. */
  public static native int containerPause(long container, int pause, ByteBuffer error);

  /** The pid of cordon-init on the host. */
  public static native int containerPid(long container);

  /** Kills everything in a container, and frees it; no run of it may be left. */
  public static native void containerFree(long container);

  /** Makes a pipe: two ints, the read end first. Returns 0 or -errno. */
  public static native int fdPipe(ByteBuffer fds);

  /** Makes a terminal: two ints, the master first. Returns 0 or -errno. */
  public static native int fdTerminal(ByteBuffer fds);

  /** The session that has the terminal of this master as its controlling one, or -errno. */
  public static native int fdTerminalSession(int master);

  /**
   * Makes a terminal pass every byte on at once (cfmakeraw(3)). Its mode before, at most 64 bytes, goes to {@code
   * before}. Returns 0 or -errno: -ENOTTY where it is none.
   */
  public static native int fdTerminalRaw(int fd, ByteBuffer before);

  /** Gives a terminal the mode that {@link #fdTerminalRaw} found. Returns 0 or -errno. */
  public static native int fdTerminalRestore(int fd, ByteBuffer before);

  /** A terminal's size: rows, and the columns in the lower 16 bits; or -errno, -ENOTTY where it is none. */
  public static native int fdTerminalSize(int fd);

  /**
   * Makes SIGWINCH and SIGCONT wake who reads 8 bytes from a descriptor. Returns it, which the caller closes, or
   * -errno.
   */
  public static native int fdTerminalWatch();

  /** Ends that, and wakes the reader a last time. Returns 0. */
  public static native int fdTerminalUnwatch();

  /** read(2) to the buffer's start. Returns the number of bytes, or -errno. */
  public static native int fdRead(int fd, ByteBuffer buffer, int length);

  /** write(2) from the buffer's start. Returns the number of bytes, or -errno. */
  public static native int fdWrite(int fd, ByteBuffer buffer, int length);

  /** The size of a regular file (fstat(2)), or -errno. */
  public static native long fdSize(int fd);

  /** close(2). Returns 0 or -errno. */
  public static native int fdClose(int fd);

  /** Makes a wiring of so many runs. Returns a handle greater than 0, or 0 with ERROR. */
  public static native long wiringOpen(int runs, ByteBuffer error);

  /**
   * Makes a pipe; a limit below 0 is none; {@code flags}: {@link #PIPE_PROXY}. Returns its index with two ints in
   * {@code fds} (the writer's and the reader's end), which stay the wiring's; or -errno with ERROR.
   */
  public static native int wiringPipe(long wiring, int fromRun, int fromFd, int toRun, int toFd, long limitBytes,
      long recordBytes, int flags, ByteBuffer fds, ByteBuffer error);

  /** Closes the wiring's descriptors: the programs have theirs, or will not start. */
  public static native void wiringStarted(long wiring);

  /**
   * Blocks until all runs are done. {@code runs}: {@code n} handles as longs, 0 = not started; writes {@code n} indices
   * as ints in the order of the ends. Returns 0, or -errno where it has not waited.
   */
  public static native int wiringWait(long wiring, ByteBuffer runs, int n, ByteBuffer order);

  /** The length of what was recorded of a pipe; written where it fits. */
  public static native long wiringRecord(long wiring, int pipe, ByteBuffer out);

  /** How much was written into a pipe, as far as the host read it. */
  public static native long wiringTotal(long wiring, int pipe);

  /** How much of that was not passed on. */
  public static native long wiringDropped(long wiring, int pipe);

  /** Frees a wiring. */
  public static native void wiringFree(long wiring);

  /** A descriptor of a program that does nothing but exit(0), kept for ever; or -errno. */
  public static native int benchTarget();

  /** Times exec and wait of that program without a sandbox: sorted nanoseconds. Returns 0 or -errno. */
  public static native int benchFloor(int iterations, ByteBuffer out);

  /** Times what a one-shot sandbox is made of: sorted nanoseconds. Returns 0 or -errno. */
  public static native int benchOneShot(int iterations, ByteBuffer out);
}
