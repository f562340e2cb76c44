// SPDX-License-Identifier: Apache-2.0
package io.cordon.cli;

import com.fasterxml.jackson.jr.ob.JSON;
import java.io.IOException;

/** Objects that only the command line writes. Those of the API are in the module {@code io.cordon.json}. */
final class Json {
  private Json() {}

  static String text(Object json) throws IOException {
    return JSON.std.with(JSON.Feature.WRITE_NULL_PROPERTIES).asString(json);
  }
}
