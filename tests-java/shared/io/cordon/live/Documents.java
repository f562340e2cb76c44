// SPDX-License-Identifier: Apache-2.0
package io.cordon.live;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** The Markdown files of the tree and the code blocks in them. Paths are relative to the root of the checkout. */
public final class Documents {
  private static final Pattern FENCE = Pattern.compile("```(\\S*)( .*)?");

  private Documents() {}

  /**
   * A fenced block of code.
   *
   * @param line the number of its first line
   * @param language the first word after the fence
   * @param output what the block prints: the text of a {@code text} block that follows it directly
   */
  public record Block(Path document, int line, String language, String text, Optional<String> output) {
    /** Whether the program prints this. In what the document shows, {@code ...} stands for any text. */
    public boolean prints(String actual) {
      var expected = Stream.of(output.orElse("...").strip().split("\\.\\.\\.", -1)).map(Pattern::quote).toList();
      return Pattern.compile(String.join(".*", expected), Pattern.DOTALL).matcher(actual.strip()).matches();
    }

    @Override
    public String toString() {
      return document + ":" + line;
    }
  }

  /** All documents. */
  public static List<Path> all() throws IOException {
    var all = new ArrayList<Path>();
    try (var top = Files.newDirectoryStream(Path.of(""), "*.md")) {
      top.forEach(all::add);
    }
    try (var below = Files.walk(Path.of("docs"))) {
      below.filter(file -> file.toString().endsWith(".md")).forEach(all::add);
    }
    all.sort(null);
    return all;
  }

  /** All blocks in a language. */
  public static List<Block> blocks(String language) throws IOException {
    return all().stream().flatMap(document -> blocks(document).stream())
        .filter(block -> block.language.equals(language)).toList();
  }

  private static List<Block> blocks(Path document) {
    var blocks = new ArrayList<Block>();
    var lines = lines(document);
    int end = -1; // The line of the last closing fence.
    for (int i = 0; i < lines.size(); i++) {
      var fence = FENCE.matcher(lines.get(i));
      if (!fence.matches()) {
        continue;
      }
      int start = i + 1;
      i = start;
      while (i < lines.size() && !lines.get(i).equals("```")) {
        i++;
      }
      var text = String.join("\n", lines.subList(start, i)) + "\n";
      if (fence.group(1).equals("text") && end == start - 2) {
        var last = blocks.remove(blocks.size() - 1);
        blocks.add(new Block(document, last.line, last.language, last.text, Optional.of(text)));
      }
      blocks.add(new Block(document, start + 1, fence.group(1), text, Optional.empty()));
      end = i;
    }
    return blocks;
  }

  /**
   * The rows of a table.
   *
   * @param document where it is
   * @param header the text of the first cell of its header
   * @return the cells of each row below the header, without the backticks of code
   */
  public static List<List<String>> table(Path document, String header) {
    return lines(document).stream().dropWhile(line -> !line.startsWith("| " + header + " |")).skip(2)
        .takeWhile(line -> line.startsWith("|")).map(Documents::cells).toList();
  }

  private static List<String> cells(String row) {
    return Stream.of(row.replaceAll("^\\| *| *\\|$", "").split(" +\\| +")).map(cell -> cell.replace("`", "")).toList();
  }

  /** The first cells of the rows of a table: what it is about. */
  public static List<String> firstColumn(Path document, String header) {
    return table(document, header).stream().map(row -> row.get(0)).toList();
  }

  /** The lines of a document. */
  public static List<String> lines(Path document) {
    try {
      return Files.readAllLines(document);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
