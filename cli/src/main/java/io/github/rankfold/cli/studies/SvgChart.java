package io.github.rankfold.cli.studies;

import io.github.rankfold.models.files.CsvTable;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * Lines through the rows of a table, one line for each value of the column {@code series}.
 *
 * @param logX whether the horizontal axis is logarithmic; values at or below 0 are then left out
 * @param logY likewise
 */
record SvgChart(String title, String x, boolean logX, String y, boolean logY, String series) {
  private static final int WIDTH = 640;
  private static final int HEIGHT = 400;
  private static final int LEFT = 70;
  private static final int RIGHT = 150;
  private static final int TOP = 40;
  private static final int BOTTOM = 50;
  private static final List<String> COLOURS =
      List.of(
          "#4269d0", "#d97706", "#c0392b", "#2a9d8f", "#7c3aed", "#6b7280", "#9d174d", "#4d7c0f");

  private record Point(double x, double y) {}

  private record Axis(double from, double to, boolean log) {
    static Axis over(List<Double> values, boolean log) {
      double low = values.stream().mapToDouble(v -> v).min().orElse(1);
      double high = values.stream().mapToDouble(v -> v).max().orElse(1);
      double from = log ? Math.log10(low) : Math.min(0, low);
      double to = log ? Math.log10(high) : high;
      return new Axis(from, to > from ? to : from + 1, log);
    }

    double share(double value) {
      return ((log ? Math.log10(value) : value) - from) / (to - from);
    }

    double at(double share) {
      double value = from + share * (to - from);
      return log ? Math.pow(10, value) : value;
    }
  }

  /** The drawing, an SVG document. */
  String draw(CsvTable table) {
    Map<String, List<Point>> lines = new LinkedHashMap<>();
    List<Double> xs = new ArrayList<>();
    List<Double> ys = new ArrayList<>();
    for (int row = 0; row < table.rows().size(); row++) {
      String xCell = table.cell(row, x);
      String yCell = table.cell(row, y);
      if (xCell.isEmpty() || yCell.isEmpty()) {
        continue;
      }
      Point point = new Point(Double.parseDouble(xCell), Double.parseDouble(yCell));
      if ((logX && point.x() <= 0) || (logY && point.y() <= 0)) {
        continue;
      }
      lines.computeIfAbsent(table.cell(row, series), name -> new ArrayList<>()).add(point);
      xs.add(point.x());
      ys.add(point.y());
    }
    Axis across = Axis.over(xs, logX);
    Axis up = Axis.over(ys, logY);
    StringBuilder svg = new StringBuilder();
    add(
        svg,
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %d\" font-family=\"sans-serif\""
            + " font-size=\"12\"><rect width=\"100%%\" height=\"100%%\" fill=\"white\"/>",
        WIDTH,
        HEIGHT);
    add(svg, "<text x=\"%d\" y=\"22\" font-size=\"15\">%s</text>", LEFT, escaped(title));
    for (int tick = 0; tick <= 4; tick++) {
      double share = tick / 4.0;
      add(
          svg,
          "<line x1=\"%d\" x2=\"%d\" y1=\"%.1f\" y2=\"%.1f\" stroke=\"#ddd\"/>",
          LEFT,
          WIDTH - RIGHT,
          yAt(share),
          yAt(share));
      add(
          svg,
          "<text x=\"%d\" y=\"%.1f\" text-anchor=\"end\">%.3g</text>",
          LEFT - 6,
          yAt(share) + 4,
          up.at(share));
      add(
          svg,
          "<text x=\"%.1f\" y=\"%d\" text-anchor=\"middle\">%.3g</text>",
          xAt(share),
          HEIGHT - BOTTOM + 18,
          across.at(share));
    }
    add(
        svg,
        "<text x=\"%.1f\" y=\"%d\" text-anchor=\"middle\">%s</text>",
        xAt(0.5),
        HEIGHT - 10,
        escaped(x));
    add(
        svg,
        "<text transform=\"translate(16 %.1f) rotate(-90)\" text-anchor=\"middle\">%s</text>",
        yAt(0.5),
        escaped(y));
    int number = 0;
    for (Map.Entry<String, List<Point>> line : lines.entrySet()) {
      String colour = COLOURS.get(number % COLOURS.size());
      StringBuilder path = new StringBuilder();
      for (Point point : line.getValue()) {
        double px = xAt(across.share(point.x()));
        double py = yAt(up.share(point.y()));
        add(path, "%.1f,%.1f", px, py);
        add(svg, "<circle cx=\"%.1f\" cy=\"%.1f\" r=\"3\" fill=\"%s\"/>", px, py, colour);
      }
      add(
          svg,
          "<polyline points=\"%s\" fill=\"none\" stroke=\"%s\" stroke-width=\"2\"/>",
          path.toString().replace('\n', ' ').strip(),
          colour);
      add(
          svg,
          "<text x=\"%d\" y=\"%d\" fill=\"%s\">%s</text>",
          WIDTH - RIGHT + 12,
          TOP + 12 + 18 * number,
          colour,
          escaped(line.getKey()));
      number++;
    }
    return svg.append("</svg>\n").toString();
  }

  private static double xAt(double share) {
    return LEFT + share * (WIDTH - LEFT - RIGHT);
  }

  private static double yAt(double share) {
    return HEIGHT - BOTTOM - share * (HEIGHT - BOTTOM - TOP);
  }

  private static void add(StringBuilder to, String format, Object... values) {
    to.append(String.format(Locale.ROOT, format, values)).append('\n');
  }

  private static String escaped(String text) {
    return text.replace("&", "&amp;").replace("<", "&lt;");
  }
}
