// SPDX-License-Identifier: Apache-2.0
/** Commands, results, events and policies of Cordon as JSON. */
@org.jspecify.annotations.NullMarked
module io.cordon.json {
  requires com.fasterxml.jackson.core;
  requires transitive io.cordon;
  requires static org.jspecify;

  exports io.cordon.json;
}
