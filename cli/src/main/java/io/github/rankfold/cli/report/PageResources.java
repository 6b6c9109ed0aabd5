package io.github.rankfold.cli.report;

import java.io.IOException;
import java.io.InputStream;
import java.io.StringReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Properties;

/** Template, style and scripts of the page, and the chart library from its web jar. */
final class PageResources {
  private static final String LIBRARY_POM = "/META-INF/maven/org.webjars.npm/uplot/pom.properties";

  /** In the order in which they run: the last starts the drawing. */
  private static final List<String> SCRIPTS =
      List.of(
          "charts.js",
          "spectra.js",
          "bounds.js",
          "collapse.js",
          "training.js",
          "search.js",
          "start.js");

  private PageResources() {}

  static String template() {
    return read("page.html");
  }

  static String style() {
    return library("dist/uPlot.min.css") + "\n" + read("page.css");
  }

  static String libraryScript() {
    return library("dist/uPlot.iife.min.js");
  }

  static String libraryLicence() {
    return library("LICENSE");
  }

  static String pageScript() {
    StringBuilder script = new StringBuilder("\"use strict\";\n");
    for (String name : SCRIPTS) {
      script.append(read(name)).append('\n');
    }
    return script.toString();
  }

  static String libraryVersion() {
    Properties pom = new Properties();
    try {
      pom.load(new StringReader(read(LIBRARY_POM)));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    String version = pom.getProperty("version");
    if (version == null) {
      throw new IllegalStateException(LIBRARY_POM + ": expected a version, found none");
    }
    return version;
  }

  private static String library(String name) {
    return read("/META-INF/resources/webjars/uplot/" + libraryVersion() + "/" + name);
  }

  private static String read(String resource) {
    try (InputStream stream = PageResources.class.getResourceAsStream(resource)) {
      if (stream == null) {
        throw new IllegalStateException("the class path lacks " + resource);
      }
      return new String(stream.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
