package io.github.rankfold.compression;

import io.github.rankfold.compression.trials.Outputs;
import io.github.rankfold.compression.trials.PlannedGraph;
import io.github.rankfold.models.live.GeneratedInputs;
import io.github.rankfold.models.live.LiveModel;
import io.github.rankfold.models.live.ServedModel;
import io.github.rankfold.models.live.TensorValues;
import io.github.rankfold.models.savedmodel.FlatGraph;
import io.github.rankfold.models.savedmodel.OperationRegistry;
import io.github.rankfold.models.savedmodel.TensorRef;
import io.github.rankfold.models.savedmodel.TwinSignatures;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.stream.Stream;
import org.tensorflow.Output;
import org.tensorflow.Result;
import org.tensorflow.Session;
import org.tensorflow.Tensor;
import org.tensorflow.exceptions.TensorFlowException;
import org.tensorflow.proto.AttrValue;
import org.tensorflow.proto.DataType;
import org.tensorflow.proto.NodeDef;
import org.tensorflow.proto.SignatureDef;

/**
 * What a compressed model's written files compute, beside the plan's own result in memory and
 * beside the original, on generated inputs, over all signatures that take some.
 *
 * @param signatures how many signatures were run
 * @param againstPlan the largest difference to the plan's result, by the largest value of that
 *     output; the files are wrong where it is more than rounding
 * @param againstOriginal the same to the original's outputs: what the truncation changed
 */
public record Verification(int signatures, double againstPlan, double againstOriginal) {
  /**
   * Sizes to try for open axes: a graph may take no more than a few steps, or exactly one size.
   * Large ones first: where an image shrinks to nothing on its way, TensorFlow's transposed
   * convolutions give whatever stood in memory.
   */
  private static final int[] OPEN_SIZES = {32, 8, 1};

  /** How far two runs of one graph may be apart, in units of the coarsest type it computes in. */
  private static final double ROUNDINGS = 64;

  /** Stateful operations that give the same values twice where nothing is assigned between. */
  private static final Set<String> STEADY =
      Set.of(
          "HashTableV2",
          "LookupTableFindV2",
          "ReadVariableOp",
          "ResourceGather",
          "VarHandleOp",
          "Variable",
          "VariableV2");

  /** Operations that hold, hand on or convert values without computing. */
  private static final Set<String> STORE =
      Set.of("VarHandleOp", "ReadVariableOp", "Const", "Cast", "GatherV2", "ResourceGather");

  /** By name, as JSON has them. */
  public Map<String, Object> figures() {
    Map<String, Object> figures = new LinkedHashMap<>();
    figures.put("signatures", signatures);
    figures.put("largest_difference_to_plan", againstPlan);
    figures.put("largest_difference_to_original", againstOriginal);
    return figures;
  }

  /** What a model computes for each signature that takes some inputs. */
  static Original original(LiveModel model) {
    boolean random = drawsNumbers(model.flatGraph());
    Map<String, String> twins = TwinSignatures.firstOfEach(model.flatGraph());
    Map<String, Original.Outputs> byKey = new TreeMap<>();
    twins.forEach(
        (key, twin) -> {
          // A network takes its time and its memory again for each signature that is run.
          Optional<Original.Outputs> outputs =
              twin.equals(key) ? outputs(model, key, random) : Optional.ofNullable(byKey.get(twin));
          outputs.ifPresent(found -> byKey.put(key, found));
        });
    return new Original(model, twins, byKey);
  }

  /**
   * What files that were written from a model are compared with.
   *
   * @param twins for each signature, the first one that computes the same
   * @param byKey by signature
   */
  record Original(LiveModel model, Map<String, String> twins, Map<String, Outputs> byKey) {
    /** Floating outputs by key, of inputs of this size. */
    record Outputs(int openSize, Map<String, double[]> values) {}

    /** The inputs that the outputs are of; the caller closes them. */
    private GeneratedInputs inputs(String key) {
      SignatureDef signature = model.flatGraph().signature(key);
      return GeneratedInputs.of(model, signature, outputs(key).openSize()).orElseThrow();
    }

    private Outputs outputs(String key) {
      return Optional.ofNullable(byKey.get(key)).orElseThrow();
    }
  }

  /**
   * What the plan computes for the same inputs. The factors are needed no more once this is there.
   *
   * @param rewritten the graph that is to be written
   * @param factors the factors that are to be written, by variable name
   */
  static Expected expected(Original original, FlatGraph rewritten, Map<String, Tensor> factors) {
    LiveModel model = original.model();
    Map<String, String> twins = TwinSignatures.firstOfEach(rewritten);
    Map<String, Map<String, double[]>> byKey = new TreeMap<>();
    try (PlannedGraph planned = new PlannedGraph(model, rewritten, factors)) {
      for (String key : original.byKey().keySet()) {
        String twin = twins.getOrDefault(key, key);
        Map<String, double[]> known = byKey.get(twin);
        if (known != null && twin.equals(original.twins().get(key))) {
          byKey.put(key, known);
        } else {
          try (GeneratedInputs inputs = original.inputs(key)) {
            SignatureDef signature = model.flatGraph().signature(key);
            model.restoreVariables();
            byKey.put(key, run(model.session(), planned::tensor, signature, inputs));
          }
        }
      }
    }
    return new Expected(original, coarsestUnit(rewritten), byKey);
  }

  /**
   * What written files have to compute.
   *
   * @param unit the coarsest unit of the types that are computed in
   * @param planned floating outputs by signature and key
   */
  record Expected(Original original, double unit, Map<String, Map<String, double[]>> planned) {}

  /**
   * Runs the written files and compares.
   *
   * @throws IllegalStateException where the files do not compute what was planned
   */
  public static Verification of(Expected expected, ServedModel written) {
    Original original = expected.original();
    double againstPlan = 0;
    double againstOriginal = 0;
    for (Map.Entry<String, Map<String, double[]>> entry : expected.planned().entrySet()) {
      String key = entry.getKey();
      if (original.model().changesVariables()) {
        written.restoreVariables();
      }
      try (GeneratedInputs inputs = original.inputs(key)) {
        Map<String, double[]> found =
            run(written.session(), written::tensor, written.signature(key), inputs);
        againstPlan = Math.max(againstPlan, difference(entry.getValue(), found));
        againstOriginal =
            Math.max(againstOriginal, difference(original.outputs(key).values(), found));
      }
    }
    double slack = ROUNDINGS * expected.unit();
    if (!(againstPlan <= slack)) {
      throw new IllegalStateException(
          "%s: expected written files that compute what was planned to %.1e, found a difference of %.1e"
              .formatted(original.model().files().folder(), slack, againstPlan));
    }
    return new Verification(expected.planned().size(), againstPlan, againstOriginal);
  }

  /**
   * None where there are no inputs that the signature takes, or other outputs for them each time.
   */
  private static Optional<Original.Outputs> outputs(LiveModel model, String key, boolean random) {
    SignatureDef signature = model.flatGraph().signature(key);
    for (int size : OPEN_SIZES) {
      Optional<GeneratedInputs> generated = GeneratedInputs.of(model, signature, size);
      if (generated.isEmpty()) {
        return Optional.empty();
      }
      try (GeneratedInputs inputs = generated.get()) {
        Map<String, double[]> values;
        try {
          values = fromTheFiles(model, signature, inputs);
        } catch (TensorFlowException | IllegalArgumentException | UnsupportedOperationException e) {
          continue; // the graph does not take inputs of these sizes
        }
        if ((random || inputs.hasOpenSizes())
            && difference(values, fromTheFiles(model, signature, inputs)) > 0) {
          continue; // neither at another size, if it is not the size that makes it so
        }
        return Optional.of(new Original.Outputs(size, values));
      }
    }
    return Optional.empty();
  }

  /** The outputs of the first call after loading. */
  private static Map<String, double[]> fromTheFiles(
      LiveModel model, SignatureDef signature, GeneratedInputs inputs) {
    model.restoreVariables();
    return run(model.session(), model::tensor, signature, inputs);
  }

  /** Whether something in a graph may give other values each time, as random numbers do. */
  private static boolean drawsNumbers(FlatGraph graph) {
    return Stream.concat(
            graph.nodes().stream(),
            graph.library().getFunctionList().stream().flatMap(f -> f.getNodeDefList().stream()))
        .map(NodeDef::getOp)
        .distinct()
        .filter(op -> !STEADY.contains(op))
        .map(OperationRegistry.ofRuntime()::find)
        .anyMatch(definition -> definition == null || definition.getIsStateful());
  }

  /** The floating outputs of a signature by key. */
  private static Map<String, double[]> run(
      Session session,
      Function<TensorRef, Output<?>> tensors,
      SignatureDef signature,
      GeneratedInputs inputs) {
    Session.Runner runner = session.runner();
    inputs
        .byKey()
        .forEach(
            (key, value) ->
                runner.feed(
                    tensors.apply(TensorRef.parse(signature.getInputsOrThrow(key).getName())),
                    value));
    Map<String, TensorRef> fetched = new LinkedHashMap<>();
    signature
        .getOutputsMap()
        .forEach(
            (key, info) -> {
              TensorRef tensor = TensorRef.parse(info.getName());
              Output<?> output = tensors.apply(tensor);
              boolean fed = output.op().type().equals("Placeholder");
              if (!fed && unit(output.dataType()) > 0) {
                fetched.put(key, tensor);
              }
            });
    if (fetched.isEmpty()) {
      return Map.of();
    }
    List<TensorRef> distinct = fetched.values().stream().distinct().toList();
    distinct.forEach(tensor -> runner.fetch(tensors.apply(tensor)));
    Map<String, double[]> values = new LinkedHashMap<>();
    try (Result result = runner.run()) {
      fetched.forEach(
          (key, tensor) ->
              values.put(key, TensorValues.toDoubles(result.get(distinct.indexOf(tensor)))));
    }
    return values;
  }

  /**
   * The largest difference of any output, by the largest value of that output. Values that are not
   * finite, as of masked logits, are to be the same.
   */
  static double difference(Map<String, double[]> expected, Map<String, double[]> found) {
    double worst = 0;
    for (Map.Entry<String, double[]> entry : expected.entrySet()) {
      double[] left = entry.getValue();
      double[] right = found.getOrDefault(entry.getKey(), new double[0]);
      double scale = Double.MIN_NORMAL;
      double largest = left.length == right.length ? 0 : Double.POSITIVE_INFINITY;
      for (int i = 0; i < Math.min(left.length, right.length); i++) {
        boolean finite = Double.isFinite(left[i]) && Double.isFinite(right[i]);
        if (finite) {
          scale = Math.max(scale, Math.abs(left[i]));
          largest = Math.max(largest, Math.abs(left[i] - right[i]));
        } else if (Double.compare(left[i], right[i]) != 0) {
          largest = Double.POSITIVE_INFINITY;
        }
      }
      worst = Math.max(worst, largest / scale);
    }
    return worst;
  }

  /** Of what is computed in; what weights are only stored in rounds nothing in a run. */
  private static double coarsestUnit(FlatGraph graph) {
    double unit = 0;
    for (NodeDef node : graph.nodes()) {
      if (STORE.contains(node.getOp())) {
        continue;
      }
      for (AttrValue value : node.getAttrMap().values()) {
        unit = Math.max(unit, unit(value.getType()));
      }
    }
    return unit;
  }

  /** The distance from 1 to the next number of a floating type; 0 for other types. */
  private static double unit(DataType type) {
    return switch (type) {
      case DT_BFLOAT16 -> 0x1p-7;
      case DT_HALF -> 0x1p-10;
      case DT_FLOAT -> 0x1p-23;
      case DT_DOUBLE -> 0x1p-52;
      default -> 0;
    };
  }
}
