// SPDX-License-Identifier: Apache-2.0
package io.cordon.internal.engine;

import io.cordon.SandboxException;
import io.cordon.Step;
import io.cordon.internal.wire.ReplyReader;
import io.cordon.internal.wire.WireError;
import io.cordon.internal.wire.WireException;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/** Makes exceptions of what the library reports. */
public final class Errors {
  private Errors() {}

  /** Reads the error that a native method left at the buffer's beginning. */
  public static SandboxException read(ByteBuffer buffer) {
    try {
      return of(new ReplyReader(buffer, WireError.BYTES).error(), null);
    } catch (WireException e) {
      return of(e);
    }
  }

  /** An error of the library; {@code cause} is what the caller's own code threw, where it did. */
  public static SandboxException of(WireError error, @Nullable Throwable cause) {
    var builder = SandboxException.builder(Codes.step(error.step())).errno(error.err()).index(error.index())
        .detail(error.detail(), (error.flags() & WireError.FLAG_TRUNCATED) != 0)
        .origin(Codes.ORIGIN.constant(error.origin()));
    return cause == null ? builder.build() : builder.cause(cause).build();
  }

  /** A reply that cannot be read: the detail says which field. */
  public static SandboxException of(WireException damaged) {
    return SandboxException.builder(Step.PROTOCOL).detail(String.valueOf(damaged.getMessage())).cause(damaged).build();
  }
}
