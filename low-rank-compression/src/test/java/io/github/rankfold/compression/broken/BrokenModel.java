package io.github.rankfold.compression.broken;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SplittableRandom;
import java.util.function.BiConsumer;
import java.util.random.RandomGenerator;
import java.util.stream.Stream;
import org.tensorflow.proto.MetaGraphDef;
import org.tensorflow.proto.SavedModel;

/**
 * A real model, damaged in one way or a few. The seed says all: which model, which damage, where.
 *
 * @param fixture the model that was damaged
 * @param damages what was done to it, in order
 */
record BrokenModel(String fixture, List<String> damages) {
  /** Small ones of each kind: speed is more models tried. */
  private static final List<String> FIXTURES =
      List.of("tf1_res", "tf1_ref", "ein", "twosig", "tied", "frozen", "lstm", "conv1d", "half");

  private static final Map<String, FileDamage.Way> WAYS = ways();

  BrokenModel {
    damages = List.copyOf(damages);
  }

  private static Map<String, FileDamage.Way> ways() {
    Map<String, FileDamage.Way> ways = new LinkedHashMap<>(FileDamage.all());
    GraphDamage.all()
        .forEach(
            (name, way) -> ways.put("graph: " + name, inGraph((meta, nodes) -> way.accept(nodes))));
    LibraryDamage.all()
        .forEach(
            (name, way) ->
                ways.put("library: " + name, inGraph((meta, nodes) -> way.accept(nodes))));
    MetaDamage.all().forEach((name, way) -> ways.put("meta: " + name, inGraph(way)));
    return ways;
  }

  /** How many ways there are: as many seeds in a row try each of them. */
  static int wayCount() {
    return WAYS.size();
  }

  private static FileDamage.Way inGraph(BiConsumer<MetaGraphDef.Builder, Nodes> way) {
    return (model, other, random) -> {
      Path file = model.resolve(FileDamage.GRAPH);
      SavedModel.Builder parsed = SavedModel.parseFrom(Files.readAllBytes(file)).toBuilder();
      MetaGraphDef.Builder meta = parsed.getMetaGraphsBuilder(0);
      way.accept(meta, new Nodes(meta, random));
      try (OutputStream out = Files.newOutputStream(file)) {
        parsed.build().writeTo(out);
      }
    };
  }

  /** Writes the model of this seed as {@code folder}, which must not exist. */
  static BrokenModel write(long seed, Path fixtures, Path folder) throws IOException {
    RandomGenerator random = new SplittableRandom(seed);
    List<String> names = List.copyOf(WAYS.keySet());
    String first = names.get(Math.floorMod(seed, names.size()));
    String fixture = FIXTURES.get(random.nextInt(FIXTURES.size()));
    Path other = fixtures.resolve(FIXTURES.get(random.nextInt(FIXTURES.size())));
    copy(fixtures.resolve(fixture), folder);
    List<String> damages = new ArrayList<>(List.of(first));
    for (int more = random.nextInt(8); more > 5; more--) {
      damages.add(names.get(random.nextInt(names.size())));
    }
    for (String damage : damages) {
      try {
        Objects.requireNonNull(WAYS.get(damage)).apply(folder, other, random);
      } catch (IOException | RuntimeException e) {
        // What is broken already may not be read again: then the first damage is all.
        break;
      }
    }
    return new BrokenModel(fixture, damages);
  }

  private static void copy(Path from, Path to) throws IOException {
    try (Stream<Path> files = Files.walk(from)) {
      for (Path file : files.toList()) {
        Files.copy(file, to.resolve(from.relativize(file)));
      }
    }
  }
}
