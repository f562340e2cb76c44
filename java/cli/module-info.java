// SPDX-License-Identifier: Apache-2.0
/** The command line {@code cordon}. It exports nothing. */
@org.jspecify.annotations.NullMarked
@SuppressWarnings("requires-automatic") // progressbar has no module descriptor, only a fixed automatic name.
module io.cordon.cli {
  requires com.fasterxml.jackson.jr.ob;
  requires info.picocli;
  requires io.cordon.json;
  requires me.tongfei.progressbar;
  requires static org.jspecify;

  opens io.cordon.cli to info.picocli;
}
