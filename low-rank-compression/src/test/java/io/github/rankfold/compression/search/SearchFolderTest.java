package io.github.rankfold.compression.search;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.rankfold.compression.LinearNetworks;
import io.github.rankfold.compression.Speed;
import io.github.rankfold.models.InvalidInputException;
import io.github.rankfold.models.data.LabeledData;
import io.github.rankfold.models.live.LiveModel;
import io.github.rankfold.models.network.Activation;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A search that was killed: going on where it was, and only where it was the same. */
class SearchFolderTest {
  private static final SearchSettings SETTINGS =
      SearchSettings.of(Budget.maxDrop(20), Metric.RELATIVE_ERROR).withFineTuning(1);

  @TempDir Path temporary;

  private Path net;
  private LabeledData calibration;
  private LabeledData data;

  /** What a kill would be. */
  private static final class Killed extends RuntimeException {
    private static final long serialVersionUID = 1;
  }

  /** Ends after some trials. */
  private static final class Ending implements SearchListener {
    private int left;

    Ending(int after) {
      this.left = after;
    }

    @Override
    public void tried(SearchPoint point) {
      if (--left == 0) {
        throw new Killed();
      }
    }
  }

  @BeforeEach
  void network() throws IOException {
    net = LinearNetworks.write(temporary.resolve("net"), Activation.RELU, true, 3);
    calibration = LinearNetworks.samples(300, List.of(16), 3);
    data = LinearNetworks.samples(200, List.of(16), 4);
  }

  private SearchFolder open(LiveModel model) {
    return SearchFolder.open(
        temporary.resolve("out.search"),
        model,
        calibration,
        data,
        SETTINGS,
        SETTINGS.budget().text());
  }

  private SearchResult run(LiveModel model, SearchListener listener, SearchFolder folder) {
    try (RankSearch search =
        new RankSearch(model, calibration, data, SETTINGS, listener, 1, Optional.of(folder))) {
      return search.under(SETTINGS.budget());
    }
  }

  /** Leaves the folder behind, as a killed process does. */
  @SuppressWarnings("resource")
  private void interrupt(int after) {
    try (LiveModel model = LiveModel.open(net)) {
      SearchFolder folder = open(model);
      assertThrows(Killed.class, () -> run(model, new Ending(after), folder));
    }
  }

  private SearchResult uninterrupted() {
    try (LiveModel model = LiveModel.open(net)) {
      return RankSearch.run(model, calibration, data, SETTINGS, new SearchListener() {});
    }
  }

  @Test
  void aResumedSearchFindsTheSameWithFewerEvaluations() {
    SearchResult whole = uninterrupted();
    int trials = whole.points().size();
    interrupt(trials - 1); // with fine-tuned factors written down
    try (LiveModel model = LiveModel.open(net)) {
      SearchResult resumed;
      try (SearchFolder folder = open(model)) {
        assertEquals(trials - 1, folder.evaluations());
        resumed = run(model, new SearchListener() {}, folder);
      }
      assertEquals(whole.chosen().ranks().toString(), resumed.chosen().ranks().toString());
      assertEquals(whole.chosen().refinement(), resumed.chosen().refinement());
      assertEquals(
          whole.chosen().drop().measured(), resumed.chosen().drop().measured(), 0.05, "percent");
      assertEquals(trials, resumed.points().size());
      assertTrue(resumed.evaluations() < whole.evaluations(), "what was known was not run again");
      assertFalse(
          Files.exists(temporary.resolve("out.search")), "a finished search leaves nothing");
    }
  }

  /** As a search for time asks for one budget after the other. */
  @Test
  void severalBudgetsAndTheTimesOfTheirPlansAreResumedToo() {
    Speed slow = new Speed(2, 1.5, 0.75);
    try (LiveModel model = LiveModel.open(net);
        RankSearch search = searching(model, new Ending(-1))) {
      SearchResult found = search.under(SETTINGS.budget());
      assertEquals(slow, open(model).timed(found.plan(), plan -> slow));
      search.under(Budget.ratio(1.5));
      SearchFolder folder = open(model);
      SearchResult again;
      try (RankSearch resumed =
          new RankSearch(
              model,
              calibration,
              data,
              SETTINGS,
              new SearchListener() {},
              1,
              Optional.of(folder))) {
        again = resumed.under(SETTINGS.budget());
        assertEquals(0, again.evaluations(), "all of it is known");
        assertEquals(
            slow,
            folder.timed(
                again.plan(),
                plan -> {
                  throw new AssertionError("it was timed before");
                }));
      }
      assertEquals(found.chosen().ranks().toString(), again.chosen().ranks().toString());
      folder.close();
    }
  }

  @SuppressWarnings("MustBeClosed")
  private RankSearch searching(LiveModel model, SearchListener listener) {
    return new RankSearch(
        model, calibration, data, SETTINGS, listener, 1, Optional.of(open(model)));
  }

  @Test
  void aLineThatWasBeingWrittenDoesNotCount() throws IOException {
    interrupt(2);
    Files.writeString(
        temporary.resolve("out.search/evaluations.tsv"),
        "fitted dense=1\tSEARCH\tmeans\t0.0",
        StandardOpenOption.APPEND);
    try (LiveModel model = LiveModel.open(net);
        SearchFolder folder = open(model)) {
      assertEquals(2, folder.evaluations());
    }
  }

  @Test
  void anotherModelIsRefused() throws IOException {
    interrupt(1);
    net = LinearNetworks.write(temporary.resolve("other"), Activation.RELU, true, 4);
    assertRefused("other model: expected ");
  }

  @Test
  void otherSamplesAreRefused() {
    interrupt(1);
    data = LinearNetworks.samples(200, List.of(16), 5);
    assertRefused("other samples: expected ");
  }

  @Test
  void otherCalibrationSamplesAreRefused() {
    interrupt(1);
    calibration = LinearNetworks.samples(300, List.of(16), 5);
    assertRefused("other calibration samples: expected ");
  }

  @Test
  void aFolderOfSomethingElseIsRefusedAndKept() throws IOException {
    Files.createDirectory(temporary.resolve("out.search"));
    Files.writeString(temporary.resolve("out.search/precious.txt"), "precious");
    assertRefused("expected an interrupted search, found no search.json in it");
    assertTrue(Files.exists(temporary.resolve("out.search/precious.txt")));
  }

  private void assertRefused(String message) {
    try (LiveModel model = LiveModel.open(net)) {
      InvalidInputException refused =
          assertThrows(InvalidInputException.class, () -> open(model).close());
      String found = String.valueOf(refused.getMessage());
      assertTrue(found.contains(message), found);
    }
  }
}
