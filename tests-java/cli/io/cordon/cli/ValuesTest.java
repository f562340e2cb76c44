// SPDX-License-Identifier: Apache-2.0
package io.cordon.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.cordon.CopyOut;
import io.cordon.Limits;
import io.cordon.internal.util.Transfer;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine.TypeConversionException;

class ValuesTest {
  @Test
  void countsMayBeUnlimited() {
    assertEquals(Limits.UNLIMITED, new Values.Count().convert("unlimited"));
    assertThrows(TypeConversionException.class, () -> new Values.Count().convert("0"));
  }

  @ParameterizedTest
  @CsvSource({"/a,/a,/a,false", "/a:/b,/a,/b,false", "/a:/b:rw,/a,/b,true", "/a:/b:ro,/a,/b,false",
    "/a:b,/a:b,/a:b,false", "/a:b:/c,/a:b,/c,false"})
  void binds(String text, String source, String target, boolean writable) {
    var expected = new FileOptions.Bind(Path.of(source), target, writable);
    assertEquals(expected, new FileOptions.BindConverter().convert(text));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "/a:rw", "/a:", "/a:/b:", "/a:/b:rx"})
  void bindsThatAreNone(String text) {
    assertThrows(TypeConversionException.class, () -> new FileOptions.BindConverter().convert(text));
  }

  @Test
  void copies() {
    var in = new FileOptions.CopyInConverter();
    assertEquals(new Transfer(Path.of("/x/a"), "a"), in.convert("/x/a"));
    assertEquals(new Transfer(Path.of("/x/a"), "d/b"), in.convert("/x/a:./d//b"));
    var out = new FileOptions.CopyOutConverter();
    assertEquals(CopyOut.file("d/b", Path.of("/x")), out.convert("d/b:/x"));
    assertEquals(CopyOut.file("d/b", Path.of("b").toAbsolutePath()), out.convert("d/b"));
  }
}
