package io.github.rankfold.cli.studies;

import static io.github.rankfold.cli.studies.Wording.number;
import static io.github.rankfold.cli.studies.Wording.percent;

import io.github.rankfold.cli.console.Progress;
import io.github.rankfold.models.data.DataSplit;
import io.github.rankfold.models.files.CsvTable;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** Networks of several depths at one width, and of several widths at one depth. */
final class DepthStudy implements Study {
  /** One network: equal hidden layers. */
  record Shape(int width, int depth) {
    String text() {
      return width + "x" + depth;
    }
  }

  private final DataSplit data;
  private final double lambda;
  private final List<Integer> depths;
  private final int atWidth;
  private final List<Integer> widths;
  private final int atDepth;
  private final StudySettings settings;

  DepthStudy(DataSplit data, long seed) {
    this(
        data,
        1e-3,
        List.of(1, 2, 3, 4, 6, 8),
        64,
        List.of(16, 32, 64, 128, 256),
        3,
        StudySettings.of(seed, 3, 60, 200));
  }

  DepthStudy(
      DataSplit data,
      double lambda,
      List<Integer> depths,
      int atWidth,
      List<Integer> widths,
      int atDepth,
      StudySettings settings) {
    this.data = data;
    this.lambda = lambda;
    this.depths = List.copyOf(depths);
    this.atWidth = atWidth;
    this.widths = List.copyOf(widths);
    this.atDepth = atDepth;
    this.settings = settings;
  }

  @Override
  public String title() {
    return "Rank and variation inside the classes against depth and width";
  }

  @Override
  public String expectation() {
    return "The variation inside the classes falls from layer to layer, and so does the rank of the"
        + " kernels; the rank is set by the classes and lambda, not by the width.";
  }

  @Override
  public String recipe() {
    return "mlp:WxD:tanh, W = %d with D of %s, D = %d with W of %s, lambda %s, %s."
        .formatted(atWidth, depths, atDepth, widths, number(lambda), settings.text());
  }

  private List<Shape> shapes() {
    return Stream.concat(
            depths.stream().map(depth -> new Shape(atWidth, depth)),
            widths.stream().map(width -> new Shape(width, atDepth)))
        .distinct()
        .toList();
  }

  @Override
  public int steps() {
    return shapes().size() * settings.seeds().size();
  }

  @Override
  public CsvTable run(Progress progress) {
    LayerTable table =
        new LayerTable(
            List.of("width", "depth", "seed"),
            LayerColumn.POSITION,
            LayerColumn.LAYER,
            LayerColumn.RANK,
            LayerColumn.RELATIVE_DISTANCE,
            LayerColumn.NORMALIZED_TCV,
            LayerColumn.ACCURACY,
            LayerColumn.TEST_ACCURACY);
    int done = 0;
    for (Shape shape : shapes()) {
      String network = "mlp:%s:tanh".formatted(shape.text());
      for (long seed : settings.seeds()) {
        table.add(
            TrainedNetwork.of(network, data, settings, lambda, seed),
            shape.width(),
            shape.depth(),
            seed);
        progress.reached(++done);
      }
    }
    return table.build();
  }

  @Override
  public List<String> seen(CsvTable table) {
    StudyRows all = StudyRows.of(table);
    List<String> seen = new ArrayList<>();
    StudyRows deep = all.where("width", atWidth);
    String deepest = String.valueOf(depths.get(depths.size() - 1));
    seen.add(
        "Median share of the variation that is inside the classes, from the first layer's input to"
            + " the classifier's, %d layers deep: %s; ranks of the kernels there: %s."
                .formatted(
                    Integer.parseInt(deepest),
                    Wording.medians(deep.where("depth", deepest), "position", "normalized_tcv"),
                    Wording.medians(deep.where("depth", deepest), "position", "rank_1e-2")));
    List<String> ends = new ArrayList<>();
    for (int depth : depths) {
      StudyRows at = deep.where("depth", depth).where("layer", "classifier");
      ends.add("%d: %s".formatted(depth, Wording.spread(at, "normalized_tcv")));
    }
    seen.add(
        "At the classifier's input, by depth (median, and range over the seeds): %s."
            .formatted(String.join("; ", ends)));
    List<String> byWidth = new ArrayList<>();
    for (int width : widths) {
      StudyRows at = all.where("width", width).where("depth", atDepth);
      byWidth.add(
          "%d: %s"
              .formatted(
                  width,
                  Wording.medians(at.whereNot("layer", "classifier"), "position", "rank_1e-2")));
    }
    seen.add(
        "Median ranks of the hidden kernels by width, %d layers deep: %s."
            .formatted(atDepth, String.join("; ", byWidth)));
    seen.add(
        "Test accuracy of single networks: %s to %s."
            .formatted(percent(all.least("test_accuracy")), percent(all.largest("test_accuracy"))));
    return seen;
  }

  @Override
  public List<StudyPlot> plots(CsvTable table) {
    StudyRows all = StudyRows.of(table);
    StudyRows deep = all.where("width", atWidth);
    StudyRows wide = all.where("depth", atDepth);
    return List.of(
        new StudyPlot(
            "variation",
            "Variation inside the classes, by depth (width %d)".formatted(atWidth),
            StudyPlot.Axis.linear("layer, by its input"),
            StudyPlot.Axis.VARIATION,
            named("depth ", StudyPlot.Curve.each(deep, "depth", "position", "normalized_tcv"))),
        new StudyPlot(
            "rank",
            "Rank of the kernels, by depth (width %d)".formatted(atWidth),
            StudyPlot.Axis.linear("layer"),
            StudyPlot.Axis.RANK,
            named("depth ", StudyPlot.Curve.each(deep, "depth", "position", "rank_1e-2"))),
        new StudyPlot(
            "width",
            "Rank of the kernels, by width (depth %d)".formatted(atDepth),
            StudyPlot.Axis.linear("width of the hidden layers"),
            StudyPlot.Axis.RANK,
            StudyPlot.Curve.each(wide, "layer", "width", "rank_1e-2")));
  }

  private static List<StudyPlot.Curve> named(String prefix, List<StudyPlot.Curve> curves) {
    return curves.stream()
        .map(curve -> new StudyPlot.Curve(prefix + curve.label(), curve.points()))
        .toList();
  }
}
