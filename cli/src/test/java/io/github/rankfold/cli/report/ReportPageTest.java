package io.github.rankfold.cli.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ReportPageTest {
  @TempDir
  @SuppressWarnings("NullAway.Init") // JUnit sets it
  Path folder;

  @Test
  void everyLayerHasItsSpectrumAndItsRows() {
    String html = ReportPage.of(SampleRun.inputs()).html();
    for (String layer : SampleRun.LAYERS) {
      assertTrue(html.contains("<strong>" + layer + "</strong>"), layer);
      assertTrue(html.contains("<th scope=\"row\" class=\"word\">" + layer + "</th>"), layer);
    }
  }

  @Test
  void headlineSaysWhatWasTrainedOnWhat() {
    String html = ReportPage.of(SampleRun.inputs()).html();
    assertTrue(html.contains("<h1>mlp:64x2,48,32 on digits</h1>"));
    assertTrue(html.contains("<li>\u03bb = 0.001</li>"));
    assertTrue(html.contains("<li>seed 7</li>"));
  }

  @Test
  void nothingIsLoadedFromAnywhere() {
    String html = ReportPage.of(SampleRun.inputs()).html();
    Matcher loads =
        Pattern.compile(
                "<link|<iframe|<object|<base|@import|url\\(|\\bfetch\\(|XMLHttpRequest|"
                    + "(src|href|action)\\s*=\\s*[\"']?(?!#)[^\"'>\\s]",
                Pattern.CASE_INSENSITIVE)
            .matcher(withoutLibrary(html));
    assertFalse(loads.find(), () -> html.substring(loads.start()).lines().findFirst().orElse(""));
    assertTrue(html.contains("default-src &#39;none&#39;"));
  }

  @Test
  void everyPlaceOfTheTemplateIsFilled() {
    assertFalse(Pattern.compile("\\{\\{[a-z-]+}}").matcher(html(SampleRun.inputs())).find());
  }

  @Test
  void dataBlockParsesAndHoldsEveryLayer() throws IOException {
    JsonNode data = dataOf(html(SampleRun.inputs()));
    assertEquals(10, data.path("classes").asInt());
    List<String> layers = new ArrayList<>();
    data.path("spectra").forEach(layer -> layers.add(layer.path("layer").asText()));
    assertEquals(SampleRun.LAYERS, layers);
    assertEquals(64, data.at("/spectra/0/values").size());
    assertEquals(200, data.at("/history/epoch").size());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "</script><img src=x onerror=alert(1)>",
        "<!--<script>",
        "{{data}}",
        "a & b's \"kernel\" $1 \\"
      })
  void hostileLayerNamesStayText(String name) throws IOException {
    Path run = SampleRun.copy(SampleRun.run(), folder.resolve("run"));
    Path compressed = SampleRun.copy(SampleRun.compressed(), folder.resolve("compressed"));
    String cell = "\"" + name.replace("\"", "\"\"") + "\"";
    for (String file : List.of("layers.csv", "spectra.csv", "collapse.csv", "certificates.csv")) {
      SampleRun.replaceIn(run.resolve(file), "dense_2", cell);
    }
    SampleRun.replaceIn(compressed.resolve("compression.csv"), "dense_2", cell);
    String html = html(ReportInputs.read(run, Optional.of(compressed)));

    assertTrue(html.contains("<strong>" + Markup.text(name).html() + "</strong>"));
    assertFalse(html.contains("<img"));
    assertEquals(name, dataOf(html).at("/spectra/1/layer").asText());
    assertEquals(count(html(SampleRun.inputs()), "</script>"), count(html, "</script>"));
  }

  @ParameterizedTest(name = "without {0}: {1}")
  @CsvSource({
    "history.csv, training",
    "spectra.csv, spectra",
    "collapse.csv, collapse",
    "certificates.csv, certificates",
    "layers.csv, layers"
  })
  void absentFileLeavesANoteAndNoChart(String file, String section) throws IOException {
    Path run = SampleRun.copy(SampleRun.run(), folder.resolve("run"));
    Files.delete(run.resolve(file));
    String html = html(ReportInputs.read(run, Optional.of(SampleRun.compressed())));
    assertTrue(html.contains("<section id=\"" + section + "\" class=\"absent\">"));
    assertTrue(html.contains("<p class=\"note\">No " + file));
  }

  @Test
  void runAloneSaysThatNothingWasCompressed() {
    String html = html(ReportInputs.read(SampleRun.run(), Optional.empty()));
    assertTrue(html.contains("No evaluation.csv"));
    assertTrue(html.contains("No compression.csv"));
  }

  @Test
  void unknownKeysOfAManifestAreShown() throws IOException {
    Files.writeString(
        folder.resolve("manifest.json"), "{\"kind\": \"x\", \"new\": {\"deep\": [1, 2]}}");
    assertTrue(
        html(ReportInputs.read(folder, Optional.empty()))
            .contains("<dt>new / deep</dt><dd>1, 2</dd>"));
  }

  @Test
  void provenanceIsShortWhereItSaysOneThingManyTimes() throws IOException {
    Files.writeString(
        folder.resolve("manifest.json"),
        """
        {"created": "2026-01-15T09:31:00.123456789Z", "batch_size": 32, "seconds": 4.5321873870000005,
         "standardization": null, "penalized": {"a/kernel": 0.001, "b/kernel": 0.001, "c": 0.001}}
        """);
    String html = html(ReportInputs.read(folder, Optional.empty()));
    assertTrue(html.contains("<dt>created</dt><dd>2026-01-15 09:31:00 UTC</dd>"));
    assertTrue(html.contains("<dt>batch_<wbr>size</dt><dd>32</dd>"));
    assertTrue(html.contains("<dt>seconds</dt><dd>4.53219</dd>"));
    assertTrue(html.contains("<dt>penalized</dt><dd>0.001: a/kernel, b/kernel, c</dd>"));
    assertFalse(html.contains("<dt>standardization"));
  }

  @Test
  void columnsThatCameLaterAreShownWhereTheyExist() throws IOException {
    Path compressed = SampleRun.copy(SampleRun.compressed(), folder.resolve("compressed"));
    Path evaluation = compressed.resolve("evaluation.csv");
    SampleRun.replaceIn(evaluation, "latency_ms", "latency_ms,bytes_on_disk");
    SampleRun.replaceIn(evaluation, "0.118", "0.118,123302");
    SampleRun.replaceIn(evaluation, "0.131", "0.131,44617");
    Path table = compressed.resolve("compression.csv");
    String rows = Files.readString(table).strip();
    Files.writeString(
        table,
        rows.replace("\n", ",,0.1234\n")
                .replace("discarded_energy,,0.1234", "discarded_energy,kept_because,relative_error")
            + ",rank 10 saves nothing,0.1234\n");
    String html = html(ReportInputs.read(SampleRun.run(), Optional.of(compressed)));
    assertTrue(html.contains("on disk 123 kB \u2192 44.6 kB"));
    assertTrue(html.contains("<span class=\"words\">rank 10 saves nothing</span>"));
    assertTrue(html.contains("Relative error") && html.contains("12.34%"));
    String older = html(SampleRun.inputs());
    assertFalse(older.contains("on disk 1") || older.contains("Left whole because"));
    assertTrue(older.contains("Energy discarded") && !older.contains("Relative error"));
  }

  @Test
  void analysisMayBeInAnotherFolder() throws IOException {
    Path run = SampleRun.copy(SampleRun.run(), folder.resolve("run"));
    Path analysis = Files.createDirectory(folder.resolve("analysis"));
    for (String table : List.of("collapse.csv", "layers.csv")) {
      Files.move(run.resolve(table), analysis.resolve(table));
    }
    String html =
        html(ReportInputs.read(run, Optional.of(analysis), Optional.of(SampleRun.compressed())));
    assertEquals(html(SampleRun.inputs()), html);
  }

  @Test
  void writtenFileIsThePage() throws IOException {
    Path file = folder.resolve("report.html");
    ReportPage page = ReportPage.of(SampleRun.inputs());
    page.write(file);
    assertEquals(page.html(), Files.readString(file));
  }

  private static String html(ReportInputs inputs) {
    return ReportPage.of(inputs).html();
  }

  /** The library is code of others; its own address stands in a comment of it. */
  private static String withoutLibrary(String html) {
    return html.replace(PageResources.libraryScript(), "");
  }

  private static JsonNode dataOf(String html) throws IOException {
    String start = "<script type=\"application/json\" id=\"report-data\">";
    int from = html.indexOf(start) + start.length();
    return new ObjectMapper().readTree(html.substring(from, html.indexOf("</script>", from)));
  }

  private static int count(String text, String part) {
    return text.split(Pattern.quote(part), -1).length - 1;
  }
}
