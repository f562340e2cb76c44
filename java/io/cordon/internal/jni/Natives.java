package io.cordon.internal.jni;

import java.nio.ByteBuffer;

/**
 * Every native method of Cordon. {@code csrc/jni/request.h} describes the buffers and {@code JNI_OnLoad} registers the
 * methods by this class's name.
 *
 * <p>Buffers are direct. The caller keeps a buffer reachable until the call returns, and uses a handle only between the
 * call that returns it and the one that frees it. {@link NativeLibrary#ensureLoaded()} comes before the first call: this
 * class has no static initialiser, as {@code JNI_OnLoad} looks it up while the library is being loaded.
 */
public final class Natives {
  /** Tables of {@link #names}. */
  public static final int NAMES_STEP = 0;

  public static final int NAMES_STATUS = 1;
  public static final int NAMES_CAUSE = 2;
  public static final int NAMES_SOURCE = 3;
  public static final int NAMES_LAYER = 4;
  public static final int NAMES_KERNEL_FEATURE = 5;

  private Natives() {}

  /** Writes the library's version as ASCII and returns its length. */
  public static native int version(ByteBuffer out);

  /** Writes the name of {@code number} in {@code table} and returns its length, or -1 where the number is none. */
  public static native int names(int table, int number, ByteBuffer out);

  /** Starts a run. Returns a handle greater than 0, or 0 with ERROR at the start of {@code error}. */
  public static native long runOpen(ByteBuffer request, int length, ByteBuffer error);

  /** Blocks until the run waits at its sync point (1) or is done (2). */
  public static native int runWait(long run);

  /** The program's pid on the host at the sync point, else 0. */
  public static native int runPid(long run);

  /** Ends the sync point: the program starts where {@code go} is not 0, else the run ends. */
  public static native void runRelease(long run, int go);

  /** Kills everything in the sandbox. Any thread, until {@link #runFree}. */
  public static native void runCancel(long run);

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

  /** Blocks until a run is done or at its sync point, and returns its handle; 0 = the loop was closed. */
  public static native long loopNext(long loop);

  /** Makes {@link #loopNext} return 0. Any thread. */
  public static native void loopClose(long loop);

  /** Frees the loop: by its own thread, after {@link #loopNext} returned 0. */
  public static native void loopFree(long loop);

  /** Writes FEATURES and returns its length, or -errno. */
  public static native int features(ByteBuffer out);
}
