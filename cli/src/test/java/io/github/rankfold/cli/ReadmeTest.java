package io.github.rankfold.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import java.util.zip.GZIPOutputStream;
import javax.tools.ToolProvider;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.w3c.dom.Element;

/**
 * What README.md tells people to type works, as it stands there.
 *
 * <p>The {@code sh} blocks run in one folder, one after the other, by bash that stops at the first
 * failure. There {@code rankfold} is this build, {@code mvn} does nothing (this test is part of
 * it), {@code my_saved_model} is a Keras export and {@code fashion-mnist} holds a few random images
 * in its format, {@code training.npz} and {@code held_out.npz} random arrays. A {@code java} block
 * is compiled as the body of a main method, its imports before the class, and run. An {@code xml}
 * block names dependencies of this project's own poms, with their versions. {@code text} and {@code
 * python} blocks are not run.
 */
class ReadmeTest {
  private static final Path ROOT =
      Path.of(System.getProperty("rankfold.fixtures")).resolve("../../../..").normalize();
  private static final Pattern BLOCK = Pattern.compile("```(\\w+)\\n(.*?)```", Pattern.DOTALL);

  @TempDir
  @SuppressWarnings("NullAway.Init") // JUnit sets it
  Path folder;

  @Test
  void commandsRunAsWritten() throws IOException, InterruptedException {
    assumeTrue(Files.isExecutable(Path.of("/bin/bash")), "no bash");
    command(
        "rankfold",
        "exec '%s' -cp '%s' %s \"$@\"".formatted(java(), classpath(), Main.class.getName()));
    command("mvn", "exit 0");
    copy(
        ROOT.resolve("tf-models/src/test/resources/saved-models/mlp"),
        folder.resolve("my_saved_model"));
    writeImages(Files.createDirectory(folder.resolve("fashion-mnist")));
    writeArrays(folder.resolve("training.npz"), 200);
    writeArrays(folder.resolve("held_out.npz"), 100);

    String script = "set -euo pipefail\nPATH=\"$PWD:$PATH\"\n" + String.join("\n", blocks("sh"));
    String told = run("/bin/bash", "-c", script);

    assertTrue(told.contains("Accuracy on 360 held-out digits: "), told);
    assertTrue(told.contains("take step/saved_model"), told);
    for (String written :
        List.of("rankfold-demo/report.html", "smaller/saved_model/saved_model.pb", "report.html")) {
      assertTrue(Files.isRegularFile(folder.resolve(written)), written);
    }
  }

  @Test
  void javaCompilesAndRuns() throws IOException, InterruptedException {
    for (String block : blocks("java")) {
      Map<Boolean, List<String>> lines =
          block.lines().collect(Collectors.partitioningBy(line -> line.startsWith("import ")));
      Path source = folder.resolve("Snippet.java");
      Files.writeString(
          source,
          String.join("\n", lines.getOrDefault(true, List.of()))
              + "\nclass Snippet { public static void main(String[] args) throws Exception {\n"
              + String.join("\n", lines.getOrDefault(false, List.of()))
              + "\n} }\n");
      int failed =
          ToolProvider.getSystemJavaCompiler()
              .run(
                  null,
                  null,
                  null,
                  "-proc:none",
                  "-cp",
                  classpath(),
                  "-d",
                  folder.toString(),
                  source.toString());
      assertEquals(0, failed, "the compiler's messages are on standard error");
      String told =
          run(java(), "-cp", classpath() + java.io.File.pathSeparator + folder, "Snippet");
      assertTrue(told.contains("accuracy 0.9"), told);
    }
  }

  @Test
  void dependenciesAreThoseOfThePoms() throws Exception {
    Map<String, String> versions = new HashMap<>();
    Element root = pom(Files.readString(ROOT.resolve("pom.xml")));
    String project = text(root, "version");
    Element properties = (Element) root.getElementsByTagName("properties").item(0);
    Element management = (Element) root.getElementsByTagName("dependencyManagement").item(0);
    for (Element managed : dependencies(management)) {
      String version = text(managed, "version");
      Matcher property = Pattern.compile("\\$\\{(.+)}").matcher(version);
      versions.put(
          text(managed, "groupId") + ":" + text(managed, "artifactId"),
          version.equals("${project.version}")
              ? project
              : property.matches() ? text(properties, property.group(1)) : version);
    }
    String blocks = String.join("\n", blocks("xml"));
    Element snippets = pom("<project>" + blocks + "</project>");
    Element plugin = (Element) snippets.getElementsByTagName("plugin").item(0);
    Element ourPlugin = pom(Files.readString(ROOT.resolve("maven-plugin/pom.xml")));
    assertEquals(project, text(plugin, "version"));
    String artifact = text(plugin, "artifactId");
    assertTrue(ourPlugin.getTextContent().contains(artifact), artifact);
    List<Element> named = dependencies(snippets);
    assertFalse(named.isEmpty());
    List<String> natives = new ArrayList<>();
    for (Element dependency : named) {
      String name = text(dependency, "groupId") + ":" + text(dependency, "artifactId");
      assertEquals(versions.get(name), text(dependency, "version"), name);
      if (dependency.getElementsByTagName("classifier").getLength() > 0) {
        natives.add(name);
        assertEquals(text(properties, "native.classifier"), text(dependency, "classifier"), name);
      }
    }
    List<String> ours =
        dependencies(pom(Files.readString(ROOT.resolve("cli/pom.xml")))).stream()
            .filter(dependency -> dependency.getElementsByTagName("classifier").getLength() > 0)
            .map(dependency -> text(dependency, "groupId") + ":" + text(dependency, "artifactId"))
            .toList();
    assertEquals(ours, natives, "the native libraries that an application must add");
  }

  private static List<String> blocks(String language) throws IOException {
    Matcher block = BLOCK.matcher(Files.readString(ROOT.resolve("README.md")));
    List<String> found =
        block.results().filter(r -> r.group(1).equals(language)).map(r -> r.group(2)).toList();
    assertFalse(found.isEmpty(), () -> "no " + language + " block in README.md");
    return found;
  }

  /** Runs a command in the folder; returns its output, and fails with it where it fails. */
  private String run(String... command) throws IOException, InterruptedException {
    Path output = folder.resolve("output.txt");
    Process process =
        new ProcessBuilder(command)
            .directory(folder.toFile())
            .redirectErrorStream(true)
            .redirectOutput(output.toFile())
            .start();
    assertTrue(process.waitFor(5, TimeUnit.MINUTES), "still running after 5 minutes");
    String told = Files.readString(output);
    assertEquals(0, process.exitValue(), told);
    return told;
  }

  private void command(String name, String does) throws IOException {
    Path script = folder.resolve(name);
    Files.writeString(script, "#!/bin/bash\n" + does + "\n");
    Files.setPosixFilePermissions(script, PosixFilePermissions.fromString("rwxr-xr-x"));
  }

  private static String java() {
    return Path.of(System.getProperty("java.home"), "bin", "java").toString();
  }

  private static String classpath() {
    return System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));
  }

  private static void copy(Path from, Path to) throws IOException {
    try (Stream<Path> files = Files.walk(from)) {
      for (Path file : files.toList()) {
        Files.copy(file, to.resolve(from.relativize(file).toString()));
      }
    }
  }

  /** Random grey images with labels 0 to 9 in turn, in the format of MNIST. */
  private static void writeImages(Path to) throws IOException {
    Random random = new Random(1);
    for (Map.Entry<String, Integer> part : Map.of("train", 40, "t10k", 20).entrySet()) {
      int samples = part.getValue();
      byte[] images = new byte[16 + samples * 28 * 28];
      random.nextBytes(images);
      ByteBuffer.wrap(images).putInt(0x803).putInt(samples).putInt(28).putInt(28);
      byte[] labels = new byte[8 + samples];
      ByteBuffer.wrap(labels).putInt(0x801).putInt(samples);
      for (int i = 0; i < samples; i++) {
        labels[8 + i] = (byte) (i % 10);
      }
      gzip(images, to.resolve(part.getKey() + "-images-idx3-ubyte.gz"));
      gzip(labels, to.resolve(part.getKey() + "-labels-idx1-ubyte.gz"));
    }
  }

  /** Random inputs x [samples, 784] and labels y of ten classes. */
  private static void writeArrays(Path file, int samples) throws IOException {
    Random random = new Random(samples);
    ByteBuffer x = ByteBuffer.allocate(4 * 784 * samples).order(ByteOrder.LITTLE_ENDIAN);
    ByteBuffer y = ByteBuffer.allocate(4 * samples).order(ByteOrder.LITTLE_ENDIAN);
    for (int i = 0; i < samples; i++) {
      for (int j = 0; j < 784; j++) {
        x.putFloat(random.nextFloat());
      }
      y.putInt(i % 10);
    }
    NpzArrays.write(
        file,
        new NpzArrays.Entry("x", "<f4", "(%d, 784)".formatted(samples), x.array()),
        new NpzArrays.Entry("y", "<i4", "(%d,)".formatted(samples), y.array()));
  }

  private static void gzip(byte[] bytes, Path file) throws IOException {
    try (GZIPOutputStream out = new GZIPOutputStream(Files.newOutputStream(file))) {
      out.write(bytes);
    }
  }

  private static Element pom(String xml) throws Exception {
    try (InputStream in = new ByteArrayInputStream(xml.getBytes(StandardCharsets.UTF_8))) {
      return DocumentBuilderFactory.newInstance()
          .newDocumentBuilder()
          .parse(in)
          .getDocumentElement();
    }
  }

  private static List<Element> dependencies(Element pom) {
    List<Element> found = new ArrayList<>();
    for (int i = 0; i < pom.getElementsByTagName("dependency").getLength(); i++) {
      found.add((Element) pom.getElementsByTagName("dependency").item(i));
    }
    return found;
  }

  private static String text(Element parent, String name) {
    return parent.getElementsByTagName(name).item(0).getTextContent();
  }
}
