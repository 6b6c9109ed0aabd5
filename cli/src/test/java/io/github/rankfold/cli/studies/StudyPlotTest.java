package io.github.rankfold.cli.studies;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.w3c.dom.Document;

class StudyPlotTest {
  private static StudyPlot plot(boolean logarithmic, StudyPlot.Curve... curves) {
    return new StudyPlot(
        "p",
        "A title",
        new StudyPlot.Axis("x", logarithmic),
        new StudyPlot.Axis("y", logarithmic),
        List.of(curves));
  }

  private static StudyPlot.Curve curve(String label, double... xy) {
    List<StudyPlot.Point> points = new ArrayList<>();
    for (int i = 0; i < xy.length; i += 2) {
      points.add(new StudyPlot.Point(xy[i], xy[i + 1]));
    }
    return new StudyPlot.Curve(label, points);
  }

  private static int marks(String svg) throws Exception {
    DocumentBuilderFactory factory = DocumentBuilderFactory.newInstance();
    factory.setFeature("http://apache.org/xml/features/nonvalidating/load-external-dtd", false);
    Document document =
        factory
            .newDocumentBuilder()
            .parse(new ByteArrayInputStream(svg.getBytes(StandardCharsets.UTF_8)));
    assertEquals("svg", document.getDocumentElement().getTagName());
    return document.getElementsByTagName("ellipse").getLength();
  }

  @Test
  void everyMeasurementIsAPointInTheSvg() throws Exception {
    String svg = plot(false, curve("a", 1, 1, 1, 3, 2, 5), curve("b & <c>", 1, 2, 2, 2)).svg();
    assertEquals(5, marks(svg));
    assertEquals(
        svg, plot(false, curve("a", 1, 1, 1, 3, 2, 5), curve("b & <c>", 1, 2, 2, 2)).svg());
  }

  @Test
  void logarithmicAxesLeaveOutWhatHasNoLogarithm() throws Exception {
    String svg = plot(true, curve("a", 0, 1, 1, 0, 1e-5, 2, 1e-2, -1, 1, 1)).svg();
    assertEquals(2, marks(svg));
    assertFalse(svg.contains("NaN") || svg.contains("Infinity"));
  }

  @Test
  void aPlotOfNothingIsStillADrawing() throws Exception {
    assertEquals(0, marks(plot(false).svg()));
    assertEquals(0, marks(plot(true, curve("a", -1, -1)).svg()));
  }

  @Test
  void axesShowVerySmallNumbers() throws Exception {
    assertEquals(2, marks(plot(true, curve("a", 1, 1e-9, 10, 1e-3)).svg()));
  }

  @Test
  void medians() {
    assertEquals(2, StudyRows.median(3, 1, 2));
    assertEquals(2.5, StudyRows.median(4, 1, 2, 3));
    assertTrue(Double.isNaN(StudyRows.median()));
  }
}
