// SPDX-License-Identifier: Apache-2.0
package io.cordon.live;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

/** What a test run says at its end. That it says it: Maven's output, wherever something was skipped. */
class SkippedTest {
  @Test
  void eachIsNamedWithItsReason() {
    var summary = new Skipped.Summary();
    summary.add("LimitsTest.partOfACpu", "cpu-rate: no cpu controller");
    summary.add("CancelTest.aVirtualThread", "this JDK has none");
    assertEquals("""
        Skipped (2), and what was missing:
          CancelTest.aVirtualThread: this JDK has none
          LimitsTest.partOfACpu: cpu-rate: no cpu controller
        """, summary.text());
  }
}
