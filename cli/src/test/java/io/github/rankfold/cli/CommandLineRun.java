package io.github.rankfold.cli;

import static org.junit.jupiter.api.Assertions.assertAll;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.rankfold.models.files.WrittenNames;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** One command line as a user runs it: its exit code and what it printed. */
record CommandLineRun(int code, String out, String err) {
  private static final ObjectMapper JSON =
      new ObjectMapper().enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);

  static CommandLineRun of(Object... args) {
    String[] texts = new String[args.length];
    for (int i = 0; i < args.length; i++) {
      texts[i] = args[i] instanceof Path path ? path.toString() : (String) args[i];
    }
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    int code = Main.run(texts, new PrintWriter(out), new PrintWriter(err));
    return new CommandLineRun(code, out.toString(), err.toString());
  }

  /**
   * As {@link #of}, for a command that is meant to succeed. A folder that it wrote is one that
   * {@code --overwrite} would replace.
   */
  static CommandLineRun succeeding(Object... args) {
    CommandLineRun run = of(args);
    assertEquals(0, run.code, run.err);
    int out = List.of(args).indexOf("--out");
    if (out >= 0) {
      assertOnlyKnownNamesIn(Path.of(args[out + 1].toString()));
    }
    return run;
  }

  private static void assertOnlyKnownNamesIn(Path written) {
    if (Files.isDirectory(written)) {
      try {
        assertEquals(Optional.empty(), WrittenNames.foreignIn(written));
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }

  /** All of standard output as one JSON document; anything else beside it fails. */
  JsonNode json() {
    try (JsonParser parser = JSON.createParser(out)) {
      JsonNode document = JSON.readTree(parser);
      assertEquals(null, parser.nextToken(), "more than one document");
      return document;
    } catch (IOException e) {
      throw new AssertionError("expected one JSON document, found " + out, e);
    }
  }

  /** The one line that tells what went wrong, without the tool's name. */
  String refusal() {
    List<String> lines = err.lines().toList();
    List<String> messages = lines.stream().filter(line -> line.startsWith("rankfold: ")).toList();
    assertAll(
        () -> assertEquals(1, messages.size(), () -> "one message, found " + err),
        () -> assertEquals("", out, "nothing on standard output"),
        () -> assertFalse(err.contains("Exception"), err),
        () ->
            assertTrue(
                lines.stream().allMatch(l -> l.startsWith("rankfold: ") || l.endsWith(" ...")),
                () -> "only progress beside the message, found " + err));
    return messages.get(0).substring("rankfold: ".length());
  }
}
