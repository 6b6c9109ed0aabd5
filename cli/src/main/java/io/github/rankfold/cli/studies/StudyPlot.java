package io.github.rankfold.cli.studies;

import java.awt.BasicStroke;
import java.awt.Color;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.knowm.xchart.VectorGraphicsEncoder;
import org.knowm.xchart.VectorGraphicsEncoder.VectorGraphicsFormat;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.XYChartBuilder;
import org.knowm.xchart.XYSeries;
import org.knowm.xchart.XYSeries.XYSeriesRenderStyle;
import org.knowm.xchart.style.Styler;
import org.knowm.xchart.style.XYStyler;
import org.knowm.xchart.style.markers.SeriesMarkers;

/**
 * Curves over a common axis, drawn as SVG: a line through the median of each x, and every single
 * measurement as a point, so that the spread of the seeds is seen.
 *
 * @param name what the file is called after the study's own name
 * @param x the horizontal axis
 * @param y the vertical axis
 */
public record StudyPlot(String name, String title, Axis x, Axis y, List<Curve> curves) {
  private static final int WIDTH = 720;
  private static final int HEIGHT = 420;
  private static final List<Color> COLOURS =
      List.of(
          new Color(0x4269d0),
          new Color(0xd97706),
          new Color(0x2a9d8f),
          new Color(0xc0392b),
          new Color(0x7c3aed),
          new Color(0x6b7280),
          new Color(0x9d174d),
          new Color(0x4d7c0f));
  private static final Pattern LONG_DECIMALS = Pattern.compile("-?\\d+\\.\\d{3,}(?:E-?\\d+)?");
  private static final Pattern CLIP = Pattern.compile("clip\\d+");

  /**
   * One axis.
   *
   * @param logarithmic whether values at or below 0 are left out and the others drawn by their
   *     logarithm
   */
  public record Axis(String label, boolean logarithmic) {
    /** Of kernels, as the studies count it. */
    static final Axis RANK = linear("singular values above 1e-2 of the largest");

    /** The share of the variation that is inside the classes. */
    static final Axis VARIATION = linear("TCV / TV");

    static Axis linear(String label) {
      return new Axis(label, false);
    }

    static Axis logarithmic(String label) {
      return new Axis(label, true);
    }

    private boolean shows(double value) {
      return Double.isFinite(value) && (!logarithmic || value > 0);
    }
  }

  /** One measurement. */
  public record Point(double x, double y) {}

  /** The measurements under one label, in any order. */
  public record Curve(String label, List<Point> points) {
    public Curve {
      points = List.copyOf(points);
    }

    /** Of two columns of some rows; rows without one of the values are left out. */
    static Curve of(String label, StudyRows rows, String x, String y) {
      List<Point> points = new ArrayList<>();
      for (int row : rows.rows()) {
        String xCell = rows.table().cell(row, x);
        String yCell = rows.table().cell(row, y);
        if (!xCell.isEmpty() && !yCell.isEmpty()) {
          points.add(new Point(Double.parseDouble(xCell), Double.parseDouble(yCell)));
        }
      }
      return new Curve(label, points);
    }

    /** One curve for each value of a column, which is its label. */
    static List<Curve> each(StudyRows rows, String column, String x, String y) {
      return rows.distinct(column).stream()
          .map(value -> of(value, rows.where(column, value), x, y))
          .toList();
    }

    /** The y of every x. */
    private Map<Double, List<Double>> byX(Axis across, Axis up) {
      Map<Double, List<Double>> found = new TreeMap<>();
      for (Point point : points) {
        if (across.shows(point.x()) && up.shows(point.y())) {
          found.computeIfAbsent(point.x(), at -> new ArrayList<>()).add(point.y());
        }
      }
      return found;
    }
  }

  public StudyPlot {
    curves = List.copyOf(curves);
  }

  /** The drawing, an SVG document; letters are drawn as shapes, so that it needs no font. */
  public String svg() {
    XYChart chart = chart();
    try (ByteArrayOutputStream bytes = new ByteArrayOutputStream()) {
      VectorGraphicsEncoder.saveVectorGraphic(chart, bytes, VectorGraphicsFormat.SVG);
      return shortened(bytes.toString(StandardCharsets.UTF_8));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private XYChart chart() {
    XYChart chart =
        new XYChartBuilder()
            .width(WIDTH)
            .height(HEIGHT)
            .title(title)
            .xAxisTitle(x.label())
            .yAxisTitle(y.label())
            .theme(Styler.ChartTheme.XChart)
            .build();
    XYStyler style = chart.getStyler();
    style.setXAxisLogarithmic(x.logarithmic());
    style.setYAxisLogarithmic(y.logarithmic());
    style.setChartBackgroundColor(Color.WHITE);
    style.setPlotBackgroundColor(Color.WHITE);
    style.setPlotBorderVisible(false);
    style.setPlotGridLinesColor(new Color(0xe5e7eb));
    style.setPlotGridLinesStroke(new BasicStroke(1));
    style.setChartTitleBoxVisible(false);
    style.setLegendPosition(Styler.LegendPosition.OutsideE);
    style.setLegendBorderColor(Color.WHITE);
    style.setAntiAlias(true);
    style.setLocale(Locale.ROOT);
    style.setToolTipsEnabled(false);
    for (int i = 0; i < curves.size(); i++) {
      draw(chart, curves.get(i), COLOURS.get(i % COLOURS.size()));
    }
    return chart;
  }

  private void draw(XYChart chart, Curve curve, Color colour) {
    Map<Double, List<Double>> byX = curve.byX(x, y);
    if (byX.isEmpty()) {
      return;
    }
    double[] at = byX.keySet().stream().mapToDouble(value -> value).toArray();
    double[] medians =
        byX.values().stream()
            .mapToDouble(ys -> StudyRows.median(ys.stream().mapToDouble(value -> value).toArray()))
            .toArray();
    XYSeries line = chart.addSeries(curve.label(), at, medians);
    line.setLineColor(colour);
    line.setLineWidth(2);
    line.setMarker(SeriesMarkers.NONE);
    double[] xs =
        byX.entrySet().stream()
            .flatMapToDouble(
                entry -> entry.getValue().stream().mapToDouble(value -> entry.getKey()))
            .toArray();
    double[] ys =
        byX.values().stream()
            .flatMapToDouble(values -> values.stream().mapToDouble(value -> value))
            .toArray();
    XYSeries points = chart.addSeries(curve.label() + ", each", xs, ys);
    points.setXYSeriesRenderStyle(XYSeriesRenderStyle.Scatter);
    points.setMarker(SeriesMarkers.CIRCLE);
    points.setMarkerColor(colour);
    points.setShowInLegend(false);
  }

  /** Two decimals are enough for a screen, and names of clips must not differ from run to run. */
  private static String shortened(String svg) {
    String decimals = LONG_DECIMALS.matcher(svg).replaceAll(StudyPlot::twoDecimals);
    return CLIP.matcher(decimals).replaceAll("clip");
  }

  private static String twoDecimals(MatchResult number) {
    String text = String.format(Locale.ROOT, "%.2f", Double.parseDouble(number.group()));
    return text.replaceFirst("\\.?0+$", "");
  }
}
