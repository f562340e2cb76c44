// SPDX-License-Identifier: Apache-2.0
package io.cordon.internal.engine;

import io.cordon.DirectoryEntry;
import io.cordon.SandboxException;
import io.cordon.Step;
import io.cordon.internal.jni.Natives;
import io.cordon.internal.wire.Buffers;
import io.cordon.internal.wire.ReplyReader;
import io.cordon.internal.wire.WireError;
import io.cordon.internal.wire.WireException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/** Reads what is in a directory from its descriptor. */
public final class Listing {
  private static final int ENTRY_BYTES = 3 * Integer.BYTES + 2 * Long.BYTES;

  private static final long NANOS = 1_000_000_000;

  private Listing() {}

  /** Lists a directory; where it has more than {@code most} entries, it is refused (EFBIG). */
  public static List<DirectoryEntry> read(int fd, int most, String name, int tooMany) throws SandboxException {
    var error = Buffers.take(WireError.BYTES);
    long listing;
    try {
      listing = Natives.listingOpen(fd, most, error);
      if (listing == 0) {
        throw Errors.read(error);
      }
    } finally {
      Buffers.give(error);
    }
    try {
      return read(listing, name, tooMany);
    } finally {
      Natives.listingFree(listing);
    }
  }

  private static List<DirectoryEntry> read(long listing, String name, int tooMany) throws SandboxException {
    var small = Buffers.take(0);
    int length;
    try {
      length = Math.toIntExact(Natives.listingReply(listing, small));
    } finally {
      Buffers.give(small);
    }
    var buffer = Buffers.take(length);
    try {
      Natives.listingReply(listing, buffer);
      var in = new ReplyReader(buffer, length);
      var failure = in.error();
      if (failure.step() != 0) {
        throw Errors.of(failure, null);
      }
      int count = in.count(ENTRY_BYTES);
      var entries = new ArrayList<DirectoryEntry>(count);
      for (int i = 0; i < count; i++) {
        entries.add(entry(in));
      }
      if (in.u32() != 0) {
        throw SandboxException.of(Step.COPY_OUT, tooMany, name);
      }
      in.end();
      return List.copyOf(entries);
    } catch (WireException e) {
      throw Errors.of(e);
    } finally {
      Buffers.give(buffer);
    }
  }

  private static DirectoryEntry entry(ReplyReader in) {
    var name = Objects.requireNonNull(in.str(), "name");
    var kind = Codes.ENTRY_KIND.constant(in.u32());
    int mode = in.u32();
    long size = in.u64();
    long modified = in.i64();
    return new DirectoryEntry(name, kind, size, mode,
        Instant.ofEpochSecond(Math.floorDiv(modified, NANOS), Math.floorMod(modified, NANOS)));
  }
}
