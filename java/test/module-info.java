// SPDX-License-Identifier: Apache-2.0
/** The contract that every kind of {@link io.cordon.Runner} must pass, as a JUnit class. */
@org.jspecify.annotations.NullMarked
module io.cordon.test {
  requires transitive io.cordon;
  requires transitive org.junit.jupiter.api;
  requires static org.jspecify;

  exports io.cordon.test;

  // JUnit calls what is not public.
  opens io.cordon.test;
}
