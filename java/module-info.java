/**
 * Cordon: runs untrusted programs in sandboxes on Linux.
 *
 * <p>{@code io.cordon} and {@code io.cordon.pool} are the whole API. The command line needs picocli, jackson-jr and
 * progressbar at run time, and {@code SeccompProfiles} needs jackson-core; a program that uses the rest of the API does not.
 */
@org.jspecify.annotations.NullMarked
@SuppressWarnings("requires-automatic") // native-lib-loader has no module descriptor, only a fixed automatic name.
module io.cordon {
  requires org.scijava.nativelib;
  requires org.slf4j;
  requires static com.fasterxml.jackson.core;
  requires static com.fasterxml.jackson.jr.ob;
  requires static info.picocli;
  requires static jdk.jfr; // A runtime image without it works, and records nothing.
  requires static me.tongfei.progressbar;
  requires static org.jspecify;

  exports io.cordon;
  exports io.cordon.pool;

  opens io.cordon.cli to info.picocli;
}
