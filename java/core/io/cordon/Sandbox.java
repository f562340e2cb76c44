// SPDX-License-Identifier: Apache-2.0
package io.cordon;

import io.cordon.internal.engine.Errors;
import io.cordon.internal.engine.FeaturesCodec;
import io.cordon.internal.engine.Kept;
import io.cordon.internal.jni.NativeLibrary;
import io.cordon.internal.jni.Natives;
import io.cordon.internal.wire.Buffers;
import io.cordon.internal.wire.ReplyReader;
import io.cordon.internal.wire.WireException;
import java.nio.charset.StandardCharsets;

/**
 * Functions that concern no single run: what the machine offers, the version, and shutting down.
 *
 * @since 0.1.0
 */
public final class Sandbox {
  /** Far above what a probe's answer takes: three paths of 256 bytes and some numbers. */
  private static final int FEATURES_BYTES = 16 << 10;

  private static final int VERSION_BYTES = 64;

  private Sandbox() {}

  /**
   * Finds out what this machine offers to this process, by trying it. Starts short-lived child processes and leaves
   * nothing behind; takes some milliseconds. Any thread.
   *
   * @return what there is
   * @throws SandboxException where not even trying was possible
   */
  public static Features probe() throws SandboxException {
    NativeLibrary.ensureLoaded();
    var buffer = Buffers.take(FEATURES_BYTES);
    try {
      int length = Natives.features(buffer);
      if (length < 0) {
        throw SandboxException.of(Step.PROTOCOL, -length, "features");
      }
      return FeaturesCodec.read(new ReplyReader(buffer, length));
    } catch (WireException e) {
      throw Errors.of(e);
    } finally {
      Buffers.give(buffer);
    }
  }

  /**
   * Returns the version of the native library, which is that of the JAR.
   *
   * @return for example {@code 0.1.0}
   */
  public static String version() {
    NativeLibrary.ensureLoaded();
    var buffer = Buffers.take(VERSION_BYTES);
    try {
      var text = new byte[Math.max(0, Natives.version(buffer))];
      buffer.get(0, text);
      return new String(text, StandardCharsets.US_ASCII);
    } finally {
      Buffers.give(buffer);
    }
  }

  /**
   * Gives back all that Cordon keeps for the next sandbox: descriptors, the janitor process, the event thread, compiled
   * policies, buffers. For a program that unloads Cordon's class loader, a web application that is redeployed, say:
   * close what is open, then call this.
   *
   * <p>Everything works afterwards, and is set up anew when it is used. Does nothing where the native library is not
   * loaded. Waits for what ends: some milliseconds; for a callback of a {@link Runner#runAsync} that is going on at
   * most 10 s. Without a call the event thread ends after some idle seconds, and the rest, but for the memory of
   * compiled policies, goes some time after the class loader was collected. Any thread.
   *
   * @throws SandboxException (step {@link Step#WAIT}, EBUSY) while a container or a run is open or being opened, or a
   *     policy is being looked at; nothing was given back then
   */
  public static void shutdown() throws SandboxException {
    Kept.release();
  }
}
