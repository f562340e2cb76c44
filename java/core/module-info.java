// SPDX-License-Identifier: Apache-2.0
/**
 * Cordon: runs untrusted programs in sandboxes on Linux.
 *
 * <p>{@code io.cordon}, {@code io.cordon.seccomp}, {@code io.cordon.supervisor}, {@code io.cordon.pool} and {@code
 * io.cordon.spi} are the whole API.
 */
@org.jspecify.annotations.NullMarked
// native-lib-loader has no module descriptor, only a fixed automatic name; the modules that may use internal packages
// are compiled later.
@SuppressWarnings({"requires-automatic", "module"})
module io.cordon {
  requires static org.scijava.nativelib; // jlink takes no automatic module; LibraryFile does without it.
  requires org.slf4j;
  requires static jdk.jfr; // A runtime image without it works, and records nothing.
  requires static transitive org.jspecify;

  exports io.cordon;
  exports io.cordon.pool;
  exports io.cordon.seccomp;
  exports io.cordon.spi;
  exports io.cordon.supervisor;
  exports io.cordon.internal.jni to io.cordon.cli;
  exports io.cordon.internal.util to io.cordon.json, io.cordon.cli;

  uses io.cordon.spi.RunnerProvider;

  // In META-INF/services as well, for the class path.
  provides io.cordon.spi.RunnerProvider with
      io.cordon.internal.tier.UnshareTier,
      io.cordon.internal.tier.ContainerTier,
      io.cordon.internal.tier.PtraceTier;
}
