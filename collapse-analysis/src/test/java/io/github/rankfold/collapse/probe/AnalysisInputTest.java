package io.github.rankfold.collapse.probe;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.rankfold.collapse.rank.RankCertificate;
import io.github.rankfold.models.InvalidInputException;
import io.github.rankfold.models.data.Features;
import io.github.rankfold.models.data.LabeledData;
import io.github.rankfold.models.files.CsvTable;
import io.github.rankfold.models.layers.Layer;
import io.github.rankfold.models.layers.SkippedKernel;
import io.github.rankfold.models.live.LiveModel;
import io.github.rankfold.models.network.Penalties;
import java.io.IOException;
import java.nio.DoubleBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.OptionalInt;
import java.util.Random;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Data and models that an analysis cannot make all of: each is told in one clear line. */
class AnalysisInputTest {
  private static final int WIDTH = PositionsModel.TIME * PositionsModel.WIDTH;

  @TempDir Path folder;

  @BeforeEach
  void write() throws IOException {
    new PositionsModel(5).write(folder);
  }

  private static LabeledData data(double[] values, int[] labels) {
    return new LabeledData(
        "here",
        Features.ofDoubles(values, WIDTH),
        List.of(PositionsModel.TIME, PositionsModel.WIDTH),
        labels,
        List.of("even", "odd"));
  }

  private static int[] alternating(int samples) {
    int[] labels = new int[samples];
    for (int i = 0; i < samples; i++) {
      labels[i] = i % 2;
    }
    return labels;
  }

  private CollapseAnalysis analysis(LabeledData data, Penalties penalties) {
    try (LiveModel model = LiveModel.open(folder)) {
      return CollapseAnalysis.of(model, data, penalties, AnalysisOptions.full(2), share -> {});
    }
  }

  @Test
  void constantFeaturesLeaveCellsEmptyAndANote() {
    double[] values = new double[40 * WIDTH];
    Arrays.fill(values, 0.1);
    CollapseAnalysis analysis = analysis(data(values, alternating(40)), Penalties.everywhere(0.1));
    CsvTable table = analysis.collapseTable(OptionalInt.empty());
    for (int row = 0; row < table.rows().size(); row++) {
      for (String column : List.of("nc1_pinv", "nc1_quotient", "cdnv", "nc2_equinorm")) {
        assertEquals("", table.cell(row, column), column);
      }
      assertEquals("0.0", table.cell(row, "tcv"));
    }
    assertEquals(
        List.of("first", "first", "second", "output"),
        analysis.notes().stream()
            .filter(note -> note.because().equals("the features are constant"))
            .map(AnalysisNote::layer)
            .toList());
    AnalysisTables tables = AnalysisTables.ofTraining(analysis);
    for (CsvTable other : List.of(tables.classes(), tables.pairs(), tables.ranks())) {
      assertTrue(other.rows().stream().flatMap(List::stream).noneMatch(cell -> cell.equals("NaN")));
    }
    assertEquals(0, tables.pairs().rows().size());
  }

  @Test
  void aFeatureThatIsNotFiniteIsNamedByLayerAndSample() {
    LabeledData random = PositionsModel.data(1500, 3);
    double[] values = new double[1500 * WIDTH];
    random.copyFeatures(0, 1500, DoubleBuffer.wrap(values));
    values[1203 * WIDTH + 5] = Double.NaN;
    values[1300 * WIDTH] = Double.POSITIVE_INFINITY;
    assertEquals(
        "here: sample 1203: expected finite features at layer first, found NaN",
        assertThrows(
                InvalidInputException.class,
                () -> analysis(data(values, alternating(1500)), Penalties.none()))
            .getMessage());
  }

  @Test
  void aClassOfOneSampleIsNoted() {
    double[] values = new double[9 * WIDTH];
    PositionsModel.data(9, 3).copyFeatures(0, 9, DoubleBuffer.wrap(values));
    int[] labels = new int[9];
    labels[4] = 1;
    CollapseAnalysis analysis = analysis(data(values, labels), Penalties.everywhere(0.1));
    assertTrue(
        analysis
            .notes()
            .contains(
                new AnalysisNote(
                    "", "class odd", "one sample has no variation, and looks collapsed")));
    assertEquals(0, analysis.layers().get(0).statistics().variation(1));
    CsvTable imbalance = AnalysisTables.ofTraining(analysis).imbalance();
    assertEquals("8.0", imbalance.cell(0, "ratio"));
    assertEquals("", imbalance.cell(0, "minority_cosine"), "one minority makes no pair");
  }

  @Test
  void aKernelWithoutAPenaltyIsNoted() {
    CollapseAnalysis analysis = analysis(PositionsModel.data(20, 3), Penalties.none());
    assertEquals(
        List.of(
            new AnalysisNote("first", "certificate", "no penalty of its kernel is known"),
            new AnalysisNote("second", "certificate", "no penalty of its kernel is known")),
        analysis.notes());
  }

  /** Float32 gradients: bounds carry the rounding of G, amplified by 1/lambda. */
  @ParameterizedTest
  @ValueSource(strings = {"cnn", "conv1d", "conv3d", "lstm", "mlp", "half"})
  void everyKernelOfARealModelIsMeasuredOrListedWithItsReason(String name) {
    Path fixture = Path.of(System.getProperty("rankfold.fixtures")).resolve("saved-models");
    try (LiveModel model = LiveModel.open(fixture.resolve(name))) {
      LabeledData data = random(model);
      CollapseAnalysis analysis =
          CollapseAnalysis.of(
              model, data, Penalties.everywhere(0.5), AnalysisOptions.labelsOnly(), share -> {});
      Set<String> measured = new HashSet<>();
      Set<String> certified = new HashSet<>();
      for (LayerReport report : analysis.layers()) {
        measured.add(report.layer());
        for (RankCertificate c : report.certificates()) {
          certified.add(c.layer());
          double slack = 1e-3 * c.kernelSpectrum().distanceToRank(0);
          assertTrue(c.measuredDistance() <= c.twoSidedBound() + slack, c::layer);
          assertTrue(c.exactBound() <= c.tcvBound() + slack, c::layer);
          assertTrue(c.measuredDistance() <= c.projectedTcvBound().orElseThrow() + slack);
        }
      }
      for (AnalysisNote note : analysis.notes()) {
        (note.about().equals("certificate") ? certified : measured).add(note.layer());
        assertFalse(note.because().isBlank());
      }
      for (Layer layer : model.layers()) {
        assertTrue(measured.contains(layer.name()), layer.name());
        assertTrue(certified.contains(layer.name()), layer.name());
      }
      for (SkippedKernel kernel : model.skipped()) {
        assertTrue(certified.contains(kernel.name()), kernel.name());
      }
      assertTrue(certified.size() > 0);
    }
  }

  /** As many samples as make four of each class of the model. */
  private static LabeledData random(LiveModel model) {
    long[] shape = model.tensor(model.input()).shape().asArray();
    List<Integer> sizes = new ArrayList<>();
    for (int axis = 1; axis < shape.length; axis++) {
      sizes.add((int) (shape[axis] < 0 ? 5 : shape[axis]));
    }
    int width = sizes.stream().reduce(1, Math::multiplyExact);
    int classes = (int) model.tensor(model.logits()).shape().get(1);
    Random random = new Random(1);
    double[] values = random.doubles(4L * classes * width, -1, 1).toArray();
    int[] labels = IntStream.range(0, 4 * classes).map(i -> i % classes).toArray();
    List<String> names = IntStream.range(0, classes).mapToObj(String::valueOf).toList();
    return new LabeledData("random", Features.ofDoubles(values, width), sizes, labels, names);
  }
}
