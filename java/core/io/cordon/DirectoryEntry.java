// SPDX-License-Identifier: Apache-2.0
package io.cordon;

import java.time.Instant;

/**
 * What {@link Container#list} finds in a directory. The program has chosen the name, which may be any text but for a
 * slash: escape it before a terminal or a page shows it. Immutable.
 *
 * @param name the name alone; bytes that are not UTF-8 are replaced, and such a name opens nothing
 * @param kind what it is
 * @param size bytes; of a link the length of its text
 * @param mode the permission bits, with set-user-ID, set-group-ID and sticky
 * @param modified when its content was changed last
 * @since 0.1.0
 */
public record DirectoryEntry(String name, Kind kind, long size, int mode, Instant modified) {
  /** What an entry is. The constants are in the order of {@code enum cordon_entry_kind}. */
  public enum Kind {
    /** A regular file. */
    FILE,

    /** A directory. */
    DIRECTORY,

    /** A symbolic link, whatever it names. */
    LINK,

    /** A FIFO, a socket or a device. */
    OTHER
  }
}
