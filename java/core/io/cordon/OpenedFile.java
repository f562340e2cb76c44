// SPDX-License-Identifier: Apache-2.0
package io.cordon;

import io.cordon.internal.jni.Natives;
import io.cordon.internal.util.Errno;
import io.cordon.internal.util.Escape;
import io.cordon.internal.wire.Buffers;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A file in a container that the host has opened, or the error if it could not. The file stays open when the container
 * is reset or closed. One thread at a time.
 *
 * @since 0.1.0
 */
public final class OpenedFile implements AutoCloseable {
  private static final int CHUNK_BYTES = 64 << 10;

  private final String name;
  private final @Nullable SandboxException error;
  private int fd;

  OpenedFile(String name, int fd, @Nullable SandboxException error) {
    this.name = name;
    this.fd = fd;
    this.error = error;
  }

  /**
   * Returns the name that was asked for.
   *
   * @return the name
   */
  public String name() {
    return name;
  }

  /**
   * Returns why the file could not be opened.
   *
   * @return the error (step {@link Step#OPEN_FILE}), or empty
   */
  public Optional<SandboxException> error() {
    return Optional.ofNullable(error);
  }

  /**
   * Returns the descriptor, for example for {@link Input#descriptor}.
   *
   * @return a descriptor of the JVM's process; it is closed by {@link #close}
   * @throws SandboxException where the file could not be opened
   */
  public int descriptor() throws SandboxException {
    if (error != null) {
      throw error;
    }
    if (fd < 0) {
      throw new IllegalStateException(name + ": the file is closed");
    }
    return fd;
  }

  /** How long the file is now, in bytes. */
  long size() throws SandboxException {
    long size = Natives.fdSize(descriptor());
    if (size < 0) {
      throw SandboxException.of(Step.COPY_OUT, (int) -size, name);
    }
    return size;
  }

  /**
   * Returns a stream that reads on from where the last read ended. Closing it does nothing.
   *
   * @return the stream
   */
  public InputStream inputStream() {
    return new InputStream() {
      @Override
      public int read() throws IOException {
        var one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
      }

      @Override
      public int read(byte[] data, int offset, int length) throws IOException {
        Objects.checkFromIndexSize(offset, length, data.length);
        return length == 0 ? 0 : OpenedFile.this.read(data, offset, length);
      }
    };
  }

  /**
   * Returns a stream that writes on from where the last write ended. Closing it does nothing.
   *
   * @return the stream
   */
  public OutputStream outputStream() {
    return new OutputStream() {
      @Override
      public void write(int b) throws IOException {
        write(new byte[] {(byte) b}, 0, 1);
      }

      @Override
      public void write(byte[] data, int offset, int length) throws IOException {
        Objects.checkFromIndexSize(offset, length, data.length);
        OpenedFile.this.write(data, offset, length);
      }
    };
  }

  private int number() throws IOException {
    try {
      return descriptor();
    } catch (SandboxException e) {
      throw new IOException(e);
    }
  }

  private int read(byte[] data, int offset, int length) throws IOException {
    var buffer = Buffers.take(CHUNK_BYTES);
    try {
      int rc = -Errno.EINTR;
      while (rc == -Errno.EINTR) {
        rc = Natives.fdRead(number(), buffer, Math.min(length, CHUNK_BYTES));
      }
      if (rc < 0) {
        throw failure("read", -rc);
      }
      buffer.get(0, data, offset, rc);
      return rc == 0 ? -1 : rc;
    } finally {
      Buffers.give(buffer);
    }
  }

  private void write(byte[] data, int offset, int length) throws IOException {
    var buffer = Buffers.take(CHUNK_BYTES);
    try {
      int done = 0;
      while (done < length) {
        int chunk = Math.min(length - done, CHUNK_BYTES);
        buffer.put(0, data, offset + done, chunk);
        int rc = Natives.fdWrite(number(), buffer, chunk);
        if (rc < 0 && rc != -Errno.EINTR) {
          throw failure("write", -rc);
        }
        done += Math.max(rc, 0);
      }
    } finally {
      Buffers.give(buffer);
    }
  }

  private IOException failure(String what, int errno) {
    return new IOException(what + ": " + Escape.printable(name) + ": " + Errno.name(errno) + " (" + Errno.text(errno)
        + ")");
  }

  /** Closes the descriptor, where there is one; closing twice does nothing. */
  @Override
  public void close() {
    if (fd >= 0) {
      Natives.fdClose(fd);
      fd = -1;
    }
  }
}
