package io.github.rankfold.collapse.probe;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.rankfold.models.live.LiveModel;
import io.github.rankfold.models.network.Penalties;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PartitionTest {
  @TempDir Path folder;

  @Test
  void partitionsOfTooManyClustersAreLeftOutWithANote() throws IOException {
    new PositionsModel(5).write(folder);
    AnalysisOptions options = new AnalysisOptions(List.of(513), List.of(300), false, 1);
    CollapseAnalysis analysis;
    try (LiveModel model = LiveModel.open(folder)) {
      analysis =
          CollapseAnalysis.of(
              model,
              PositionsModel.data(1500, 6),
              Penalties.everywhere(PositionsModel.LAMBDA),
              options,
              share -> {});
    }
    List<LayerReport> certified =
        analysis.layers().stream().filter(report -> !report.certificates().isEmpty()).toList();
    assertTrue(certified.size() > 1);
    for (LayerReport report : certified) {
      assertEquals(1, report.certificates().size(), "by the labels alone");
      for (String note :
          List.of(
              "certificate by k-means: expected at most 512 clusters, found 513",
              "certificate by k-means in classes: expected at most 512 clusters, found 600")) {
        assertEquals(
            1,
            analysis.notes().stream()
                .filter(found -> found.layer().equals(report.layer()))
                .filter(found -> note.equals(found.about() + ": " + found.because()))
                .count(),
            report.layer() + " " + note);
      }
    }
  }

  @Test
  void aClassHasNoMoreClustersThanRowsAndOneWithoutAny() {
    assertEquals(1 + 2 + 3, Partition.mostInClasses(new int[] {1, 2, 2, 2, 1, 2}, 3, 3));
  }
}
