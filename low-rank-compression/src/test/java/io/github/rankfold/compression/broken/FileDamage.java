package io.github.rankfold.compression.broken;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.random.RandomGenerator;

/** Ways to damage the bytes of a model's files, whatever they mean. */
final class FileDamage {
  static final String GRAPH = "saved_model.pb";
  static final String INDEX = "variables/variables.index";
  static final String DATA = "variables/variables.data-00000-of-00001";

  private FileDamage() {}

  /** Changes files of the model in place; {@code other} is another model, to take files from. */
  interface Way {
    void apply(Path model, Path other, RandomGenerator random) throws IOException;
  }

  /** A change of bytes. */
  interface Change {
    byte[] of(byte[] bytes, RandomGenerator random);
  }

  static Map<String, Way> all() {
    Map<String, Way> ways = new LinkedHashMap<>();
    for (String file : List.of(GRAPH, INDEX, DATA)) {
      changes().forEach((name, change) -> ways.put(name + " of " + file, rewriting(file, change)));
      ways.put(
          "missing " + file, (model, other, random) -> Files.deleteIfExists(model.resolve(file)));
      ways.put(
          "a folder for " + file,
          (model, other, random) -> {
            Files.deleteIfExists(model.resolve(file));
            Files.createDirectories(model.resolve(file));
          });
      ways.put(
          "another model's " + file,
          (model, other, random) -> {
            if (Files.exists(other.resolve(file))) {
              Files.createDirectories(model.resolve(file).getParent());
              Files.write(model.resolve(file), Files.readAllBytes(other.resolve(file)));
            }
          });
    }
    return ways;
  }

  private static Way rewriting(String file, Change change) {
    return (model, other, random) -> {
      Path path = model.resolve(file);
      if (Files.exists(path)) {
        Files.write(path, change.of(Files.readAllBytes(path), random));
      }
    };
  }

  private static Map<String, Change> changes() {
    Map<String, Change> changes = new LinkedHashMap<>();
    changes.put("flipped bit", (bytes, random) -> flipped(bytes, 1, random));
    changes.put("flipped bits", (bytes, random) -> flipped(bytes, 20, random));
    changes.put(
        "truncation", (bytes, random) -> Arrays.copyOf(bytes, random.nextInt(bytes.length + 1)));
    changes.put("emptiness", (bytes, random) -> new byte[0]);
    changes.put(
        "zeros",
        (bytes, random) -> {
          int from = random.nextInt(bytes.length + 1);
          Arrays.fill(bytes, from, Math.min(bytes.length, from + 64), (byte) 0);
          return bytes;
        });
    changes.put(
        "high bits",
        (bytes, random) -> {
          int from = random.nextInt(bytes.length + 1);
          Arrays.fill(bytes, from, Math.min(bytes.length, from + 9), (byte) 0xff);
          return bytes;
        });
    changes.put(
        "splice",
        (bytes, random) -> {
          int length = random.nextInt(1 + bytes.length / 2);
          int from = random.nextInt(1 + bytes.length - length);
          int to = random.nextInt(1 + bytes.length - length);
          System.arraycopy(bytes.clone(), from, bytes, to, length);
          return bytes;
        });
    changes.put(
        "repetition",
        (bytes, random) -> {
          byte[] twice = Arrays.copyOf(bytes, 2 * bytes.length);
          System.arraycopy(bytes, 0, twice, bytes.length, bytes.length);
          return twice;
        });
    changes.put(
        "noise",
        (bytes, random) -> {
          random.nextBytes(bytes);
          return bytes;
        });
    return changes;
  }

  private static byte[] flipped(byte[] bytes, int count, RandomGenerator random) {
    for (int i = 0; i < count && bytes.length > 0; i++) {
      bytes[random.nextInt(bytes.length)] ^= (byte) (1 << random.nextInt(8));
    }
    return bytes;
  }
}
