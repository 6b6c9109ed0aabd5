package io.github.rankfold.benchmarks;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * A Python process that answers lines with lines of JSON, so that it loads and warms up once and
 * then takes turns with ours. Ends when it is closed by whoever started it.
 */
final class Peer implements AutoCloseable {
  private final Process process;
  private final BufferedReader answers;
  private final PrintWriter questions;
  private final JsonNode greeting;

  /** Starts {@code command}, whose first line is a greeting with its versions. */
  Peer(List<String> command) throws IOException {
    ProcessBuilder builder =
        new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT);
    // Its threads would otherwise spin: on busy cores two were ten times slower than one.
    builder.environment().put("OMP_WAIT_POLICY", "passive");
    process = builder.start();
    answers = process.inputReader(StandardCharsets.UTF_8);
    questions = new PrintWriter(process.outputWriter(StandardCharsets.UTF_8), true);
    greeting = read();
  }

  JsonNode greeting() {
    return greeting;
  }

  JsonNode ask(String question) throws IOException {
    questions.println(question);
    return read();
  }

  private JsonNode read() throws IOException {
    String line = answers.readLine();
    if (line == null) {
      throw new IOException("the peer ended without an answer");
    }
    return new ObjectMapper().readTree(line);
  }

  @Override
  public void close() {
    questions.close(); // the end of its input ends it
    process.destroy();
  }
}
