// SPDX-License-Identifier: Apache-2.0
package io.cordon;

import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The result of a {@link CopyOut}: the bytes, or an error. Immutable.
 *
 * @since 0.1.0
 */
public final class CopiedFile {
  private final byte @Nullable [] data;
  private final @Nullable SandboxException error;

  private CopiedFile(byte @Nullable [] data, @Nullable SandboxException error) {
    this.data = data;
    this.error = error;
  }

  /**
   * Makes the result for a file that was kept.
   *
   * @param data the file's bytes, copied
   * @return the result
   */
  public static CopiedFile of(byte[] data) {
    return new CopiedFile(data.clone(), null);
  }

  /**
   * Makes the result for a file that went to the host, or was optional and not there.
   *
   * @return the result
   */
  public static CopiedFile elsewhere() {
    return new CopiedFile(null, null);
  }

  /**
   * Makes the result for a file that could not be fetched.
   *
   * @param error why
   * @return the result
   */
  public static CopiedFile failed(SandboxException error) {
    return new CopiedFile(null, error);
  }

  /**
   * Returns the file's bytes.
   *
   * @return a copy; empty where the file went to the host, or was optional and not there, or could not be fetched
   */
  public Optional<byte[]> bytes() {
    return data == null ? Optional.empty() : Optional.of(data.clone());
  }

  /**
   * Returns why the file could not be fetched.
   *
   * @return the error (step {@link Step#COPY_OUT}), or empty
   */
  public Optional<SandboxException> error() {
    return Optional.ofNullable(error);
  }
}
