/**
 * Cordon: runs untrusted programs in sandboxes on Linux.
 *
 * <p>{@code io.cordon} and {@code io.cordon.pool} are the whole API. {@code SeccompProfiles} needs
 * jackson-core at run time; a program that uses the rest of the API does not.
 */
@org.jspecify.annotations.NullMarked
// native-lib-loader has no module descriptor, only a fixed automatic name; io.cordon.cli is compiled later.
@SuppressWarnings({"requires-automatic", "module"})
module io.cordon {
  requires org.scijava.nativelib;
  requires org.slf4j;
  requires static com.fasterxml.jackson.core;
  requires static jdk.jfr; // A runtime image without it works, and records nothing.
  requires static org.jspecify;

  exports io.cordon;
  exports io.cordon.pool;
  exports io.cordon.internal.jni to io.cordon.cli;
}
