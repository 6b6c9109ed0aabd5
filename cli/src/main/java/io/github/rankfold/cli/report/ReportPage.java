package io.github.rankfold.cli.report;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * {@code report.html}: one page that shows a run, without a network and without a server.
 *
 * <p>Words and tables are in the HTML, so that the page can be read without scripts; the scripts
 * draw the charts. A content security policy in the page names the scripts by their hash and allows
 * no request, so that nothing else runs even if a file of the run tried to bring it in.
 */
public final class ReportPage {
  private static final Pattern PLACE = Pattern.compile("\\{\\{([a-z-]+)}}");

  private final String html;

  private ReportPage(String html) {
    this.html = html;
  }

  public static ReportPage of(ReportInputs inputs) {
    RunFacts facts = RunFacts.of(inputs);
    LayerSpectra spectra = LayerSpectra.of(inputs);
    Map<String, Markup> places = new LinkedHashMap<>();

    String library = PageResources.libraryScript();
    String script = PageResources.pageScript();
    places.put("policy", policy(library, script));
    places.put("style", new Markup(PageResources.style()));
    places.put("library", new Markup(library));
    places.put("library-version", Markup.text(PageResources.libraryVersion()));
    places.put("library-licence", Markup.text(PageResources.libraryLicence()));
    places.put("script", new Markup(script));
    places.put("data", ChartData.of(inputs, spectra, facts));

    places.put("title", Markup.text(facts.title()));
    places.put("facts", listItems(facts.phrases()));
    places.put("key-figures", KeyFigures.of(inputs));
    List<String> findings = Findings.of(inputs, spectra);
    places.put(
        "findings",
        findings.isEmpty()
            ? Section.note("The files of this run hold too little for a summary.")
            : Markup.format("<ul class=\"findings\">%s</ul>", listItems(findings)));
    putSection(places, "spectra", SpectraSection.of(inputs, spectra, facts));
    putSection(places, "compression", CompressionSection.of(inputs));
    putSection(places, "certificates", CertificateSection.of(inputs));
    putSection(places, "collapse", CollapseSection.of(inputs));
    putSection(places, "training", TrainingSection.of(inputs));
    putSection(places, "forecast", ForecastSection.of(inputs));
    putSection(places, "layers", LayersSection.of(inputs));
    putSection(places, "provenance", ProvenanceSection.of(inputs));
    return new ReportPage(fill(PageResources.template(), places));
  }

  /** The whole page. */
  public String html() {
    return html;
  }

  /** Writes the page to {@code file}, replacing it. */
  public void write(Path file) throws IOException {
    Files.writeString(file, html, StandardCharsets.UTF_8);
  }

  private static void putSection(Map<String, Markup> places, String name, Section section) {
    places.put(name, section.content());
    places.put(name + "-state", Markup.text(section.present() ? "present" : "absent"));
  }

  private static Markup listItems(List<String> phrases) {
    return Markup.join(
        phrases.stream().map(phrase -> Markup.format("<li>%s</li>", phrase)).toList());
  }

  /** Replaces in one pass, so that a layer called {@code {{data}}} stays what it is. */
  private static String fill(String template, Map<String, Markup> places) {
    Matcher matcher = PLACE.matcher(template);
    StringBuilder page = new StringBuilder();
    while (matcher.find()) {
      Markup markup = places.get(matcher.group(1));
      if (markup == null) {
        throw new IllegalStateException(
            "page.html: nothing to put at {{" + matcher.group(1) + "}}");
      }
      matcher.appendReplacement(page, Matcher.quoteReplacement(markup.html()));
    }
    matcher.appendTail(page);
    return page.toString();
  }

  private static Markup policy(String... scripts) {
    StringBuilder policy =
        new StringBuilder("default-src 'none'; style-src 'unsafe-inline'; script-src");
    for (String script : scripts) {
      policy.append(" 'sha256-").append(hash(script)).append('\'');
    }
    return Markup.text(policy.append("; base-uri 'none'; form-action 'none'").toString());
  }

  private static String hash(String script) {
    try {
      MessageDigest sha256 = MessageDigest.getInstance("SHA-256");
      return Base64.getEncoder()
          .encodeToString(sha256.digest(script.getBytes(StandardCharsets.UTF_8)));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java runtime has SHA-256", e);
    }
  }
}
