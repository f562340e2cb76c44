package io.cordon.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.cordon.Limits;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine.TypeConversionException;

class ValuesTest {
  @ParameterizedTest
  @CsvSource({"1ms,1000000", "1.5s,1500000000", "2m,120000000000", "0.000000001s,1", "9000000000s,9000000000000000000"})
  void times(String text, long nanos) {
    assertEquals(Duration.ofNanos(nanos), new Values.Time().convert(text));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "s", "1", "1h", "-1s", "1..5s", ".5s", "0ms", "0.0000000001s", "9300000000s", "1S",
    "1 s"})
  void timesThatAreNone(String text) {
    assertThrows(TypeConversionException.class, () -> new Values.Time().convert(text));
  }

  @ParameterizedTest
  @CsvSource({"1,1", "1k,1024", "64M,67108864", "2g,2147483648", "8589934591g,9223372035781033984"})
  void sizes(String text, long bytes) {
    assertEquals(bytes, new Values.Size().convert(text));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "k", "0", "0k", "-1", "1.5m", "1t", "1kb", "8589934592g", "99999999999999999999"})
  void sizesThatAreNone(String text) {
    assertThrows(TypeConversionException.class, () -> new Values.Size().convert(text));
  }

  @Test
  void unlimitedIsSaidInFull() {
    assertEquals(Limits.FOREVER, new Values.Time().convert("unlimited"));
    assertEquals(Limits.UNLIMITED, new Values.Size().convert("unlimited"));
    assertEquals(Limits.UNLIMITED, new Values.Count().convert("unlimited"));
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
    assertEquals(new FileOptions.Transfer(Path.of("/x/a"), "a"), in.convert("/x/a"));
    assertEquals(new FileOptions.Transfer(Path.of("/x/a"), "d/b"), in.convert("/x/a:./d//b"));
    var out = new FileOptions.CopyOutConverter();
    assertEquals(new FileOptions.Transfer(Path.of("/x"), "d/b"), out.convert("d/b:/x"));
    assertEquals(new FileOptions.Transfer(Path.of("b").toAbsolutePath(), "d/b"), out.convert("d/b"));
  }
}
