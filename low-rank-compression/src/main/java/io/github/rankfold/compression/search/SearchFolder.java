package io.github.rankfold.compression.search;

import io.github.rankfold.collapse.linalg.Matrix;
import io.github.rankfold.compression.CompressionPlan;
import io.github.rankfold.compression.Speed;
import io.github.rankfold.compression.factors.Factorization;
import io.github.rankfold.compression.factors.LayerDecision;
import io.github.rankfold.compression.trials.TrialGraph;
import io.github.rankfold.models.InvalidInputException;
import io.github.rankfold.models.data.LabeledData;
import io.github.rankfold.models.files.Json;
import io.github.rankfold.models.files.OutputFolder;
import io.github.rankfold.models.layers.Layer;
import io.github.rankfold.models.live.LiveModel;
import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Consumer;
import java.util.function.Function;

/**
 * A folder in which a search writes down what it measured, so that one that was killed goes on
 * where it was. Closing it removes it: what is left behind was interrupted.
 *
 * <p>{@code search.json} says of what model, data and settings, {@code evaluations.tsv} has a line
 * for each evaluation, {@code times.tsv} for each plan that was timed, and fine-tuned factors have
 * a file each. Nothing is made before the first evaluation.
 */
public final class SearchFolder implements SearchJournal, AutoCloseable {
  private static final String IDENTITY = "search.json";
  private static final String EVALUATIONS = "evaluations.tsv";
  private static final String TIMES = "times.tsv";

  private final Path folder;
  private final Map<String, String> identity;
  private final Map<String, Difference> known = new HashMap<>();
  private final Map<String, Speed> times = new HashMap<>();

  private SearchFolder(Path folder, Map<String, String> identity) {
    this.folder = folder;
    this.identity = identity;
  }

  /**
   * Opens a folder of an interrupted search, or prepares a new one.
   *
   * @param calibration as {@link RankSearch#run} takes it, like the others
   * @param budget all that is asked for, in words
   * @throws InvalidInputException where the folder is of a search for something else
   */
  public static SearchFolder open(
      Path folder,
      LiveModel model,
      LabeledData calibration,
      LabeledData data,
      SearchSettings settings,
      String budget) {
    Map<String, String> identity = new LinkedHashMap<>();
    identity.put("model", model.files().sha256());
    identity.put("calibration samples", calibration.sha256());
    identity.put("samples", data.sha256());
    identity.put("signatures", String.join(" ", model.files().signatureKeys()));
    identity.put("output", model.signatureKey() + " " + model.output());
    identity.put("budget", budget);
    identity.put("metric", settings.metric().toString());
    identity.put("fine-tuning epochs", Integer.toString(settings.fineTuneEpochs()));
    identity.put("settings", settings.toString());
    SearchFolder opened = new SearchFolder(folder, identity);
    if (Files.exists(folder)) {
      opened.requireSame();
      opened.read(EVALUATIONS, 6, cells -> opened.known.put(key(cells), difference(cells)));
      opened.read(TIMES, 4, cells -> opened.times.put(cells[0], speed(cells)));
    }
    return opened;
  }

  private void requireSame() {
    Path file = folder.resolve(IDENTITY);
    if (!Files.isRegularFile(file)) {
      throw new InvalidInputException(
          "%s: expected an interrupted search, found no %s in it".formatted(folder, IDENTITY));
    }
    var before = Json.read(file);
    identity.forEach(
        (what, now) -> {
          String then = before.path(what).asText();
          if (!then.equals(now)) {
            throw new InvalidInputException(
                "%s: an interrupted search with other %s: expected %s, found %s; remove the folder to"
                        .formatted(folder, what, shortened(now), shortened(then))
                    + " begin anew");
          }
        });
  }

  private static String shortened(String text) {
    return text.matches("[0-9a-f]{64}") ? text.substring(0, 12) : text;
  }

  private void read(String name, int columns, Consumer<String[]> line) {
    Path file = folder.resolve(name);
    if (!Files.exists(file)) {
      return;
    }
    try {
      String text = Files.readString(file);
      // What is after the last line break was being written when the search ended.
      for (String written : text.substring(0, text.lastIndexOf('\n') + 1).lines().toList()) {
        String[] cells = written.split("\t", -1);
        if (cells.length == columns) {
          line.accept(cells);
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (IllegalArgumentException e) {
      throw new InvalidInputException(
          "%s: expected what a search wrote: %s".formatted(file, e.getMessage()), e);
    }
  }

  private static Difference difference(String[] cells) {
    return cells[2].equals("shares")
        ? new Difference.Shares(
            Long.parseLong(cells[3]), Long.parseLong(cells[4]), Long.parseLong(cells[5]))
        : new Difference.Means(
            Double.parseDouble(cells[3]), Double.parseDouble(cells[4]), Long.parseLong(cells[5]));
  }

  private static Speed speed(String[] cells) {
    return new Speed(
        Double.parseDouble(cells[1]), Double.parseDouble(cells[2]), Double.parseDouble(cells[3]));
  }

  private static String key(String[] cells) {
    return key(cells[0], Part.valueOf(cells[1]));
  }

  private static String key(String plan, Part part) {
    return part + " " + plan;
  }

  /** How many evaluations are known. */
  public int evaluations() {
    // What fine-tuning reached on its held-out samples evaluates no plan.
    return (int)
        known.keySet().stream().filter(key -> !key.startsWith(Part.HELD_OUT + " ")).count();
  }

  /** Times how long a call of a plan takes, where that is not known from before. */
  public Speed timed(CompressionPlan plan, Function<CompressionPlan, Speed> measure) {
    StringBuilder ranks = new StringBuilder("original");
    plan.factored()
        .forEach(
            one -> ranks.append(' ').append(one.layer().name()).append('=').append(one.rank()));
    String key = ranks.toString();
    Speed before = times.get(key);
    if (before != null) {
      return before;
    }
    Speed speed = measure.apply(plan);
    times.put(key, speed);
    append(
        TIMES, key + "\t" + speed.originalMillis() + "\t" + speed.millis() + "\t" + speed.share());
    return speed;
  }

  @Override
  public Optional<Difference> known(String plan, Part part) {
    return Optional.ofNullable(known.get(key(plan, part)));
  }

  @Override
  public void found(String plan, Part part, Difference difference) {
    String line;
    if (difference instanceof Difference.Shares shares) {
      line = "shares\t" + shares.lost() + "\t" + shares.won() + "\t" + shares.samples();
    } else {
      Difference.Means means = (Difference.Means) difference;
      line = "means\t" + means.mean() + "\t" + means.variance() + "\t" + means.samples();
    }
    known.put(key(plan, part), difference);
    append(EVALUATIONS, plan + "\t" + part.name() + "\t" + line);
  }

  private void append(String file, String line) {
    try {
      make();
      Files.writeString(
          folder.resolve(file),
          line + "\n",
          StandardCharsets.UTF_8,
          StandardOpenOption.CREATE,
          StandardOpenOption.APPEND);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void make() throws IOException {
    if (!Files.exists(folder.resolve(IDENTITY))) {
      Files.createDirectories(folder);
      Json.write(folder.resolve(IDENTITY), identity);
    }
  }

  private Path factorsFile(String plan) {
    UUID name = UUID.nameUUIDFromBytes(plan.getBytes(StandardCharsets.UTF_8));
    return folder.resolve("factors-" + name + ".bin");
  }

  @Override
  public Optional<Map<Layer, LayerDecision>> factors(String plan, TrialGraph trial) {
    Path file = factorsFile(plan);
    if (!Files.exists(file)) {
      return Optional.empty();
    }
    Map<Layer, LayerDecision> decisions = new LinkedHashMap<>();
    try (DataInputStream in =
        new DataInputStream(new BufferedInputStream(Files.newInputStream(file)))) {
      int count = in.readInt();
      for (int i = 0; i < count; i++) {
        String name = in.readUTF();
        Matrix left = matrix(in);
        Matrix right = matrix(in);
        Optional<Matrix> shift = in.readBoolean() ? Optional.of(matrix(in)) : Optional.empty();
        for (Layer layer : trial.layers()) {
          if (layer.name().equals(name)) {
            decisions.put(layer, trial.known(layer, new Factorization(left, right), shift));
          }
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return Optional.of(decisions);
  }

  @Override
  public void keep(String plan, Map<Layer, LayerDecision> factors) {
    Path file = factorsFile(plan);
    Path partial = folder.resolve(file.getFileName() + ".partial");
    try {
      make();
      try (DataOutputStream out =
          new DataOutputStream(new BufferedOutputStream(Files.newOutputStream(partial)))) {
        out.writeInt(factors.size());
        for (LayerDecision decision : factors.values()) {
          Factorization pair = decision.factors().orElseThrow();
          out.writeUTF(decision.layer().name());
          write(out, pair.left());
          write(out, pair.right());
          out.writeBoolean(decision.shift().isPresent());
          if (decision.shift().isPresent()) {
            write(out, decision.shift().get().amount());
          }
        }
      }
      Files.move(partial, file, StandardCopyOption.REPLACE_EXISTING);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void write(DataOutputStream out, Matrix matrix) throws IOException {
    out.writeInt(matrix.rows());
    out.writeInt(matrix.cols());
    for (double value : matrix.toDoubles()) {
      out.writeDouble(value);
    }
  }

  private static Matrix matrix(DataInputStream in) throws IOException {
    int rows = in.readInt();
    int cols = in.readInt();
    double[] values = new double[Math.multiplyExact(rows, cols)];
    for (int i = 0; i < values.length; i++) {
      values[i] = in.readDouble();
    }
    return Matrix.owning(rows, cols, values);
  }

  /** Removes the folder: the search is done, or cannot be. */
  @Override
  public void close() {
    try {
      OutputFolder.remove(folder);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
