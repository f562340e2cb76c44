package io.cordon;

import io.cordon.internal.engine.Errors;
import io.cordon.internal.engine.FeaturesCodec;
import io.cordon.internal.jni.NativeLibrary;
import io.cordon.internal.jni.Natives;
import io.cordon.internal.wire.Buffers;
import io.cordon.internal.wire.ReplyReader;
import io.cordon.internal.wire.WireException;
import java.nio.charset.StandardCharsets;

/** What is not about one run: the machine, and the version. */
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
}
