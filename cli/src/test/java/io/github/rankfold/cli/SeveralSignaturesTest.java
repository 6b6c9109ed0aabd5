package io.github.rankfold.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A model of several signatures without a default needs one named only where one is called. */
class SeveralSignaturesTest {
  @TempDir Path temporary;

  @Test
  void inspectAndCompressTakeTheLayersOfAllSignatures() {
    JsonNode inspected = CommandLineRun.succeeding("inspect", Fixtures.BRANCHES, "--json").json();
    assertEquals("shared", inspected.at("/layers/0/layer").asText());
    Path out = temporary.resolve("out");
    CommandLineRun compressed =
        CommandLineRun.succeeding(
            "compress", Fixtures.BRANCHES, "--rule", "fraction:0.5", "--out", out);
    assertTrue(compressed.out().contains("1 of 1 layer factored"), compressed.out());
    JsonNode again = CommandLineRun.succeeding("inspect", out, "--json").json();
    assertEquals("[\"choose\",\"decide\"]", again.get("signatures").toString());
  }

  @Test
  void whatCallsOneAsksForItsName() {
    Path out = temporary.resolve("out");
    for (String more : List.of("--rule rank:2 --data digits", "--rule classes")) {
      List<Object> arguments = new ArrayList<>(List.of("compress", Fixtures.BRANCHES));
      arguments.addAll(List.of(more.split(" ", -1)));
      arguments.addAll(List.of("--out", out));
      CommandLineRun run = CommandLineRun.of(arguments.toArray());
      assertEquals(1, run.code());
      assertEquals(
          Fixtures.BRANCHES
              + ": expected a signature named serving_default, found [choose, decide]",
          run.refusal());
      assertTrue(Files.notExists(out), "something was written");
    }
  }
}
