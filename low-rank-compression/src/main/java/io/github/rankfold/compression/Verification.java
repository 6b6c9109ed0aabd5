package io.github.rankfold.compression;

import io.github.rankfold.models.live.GeneratedInputs;
import io.github.rankfold.models.live.LiveModel;
import io.github.rankfold.models.live.ServedModel;
import io.github.rankfold.models.live.TensorValues;
import io.github.rankfold.models.savedmodel.FlatGraph;
import io.github.rankfold.models.savedmodel.TensorRef;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
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
  /** Sizes to try for open axes: a graph may need more than a few steps, or exactly one size. */
  private static final int[] OPEN_SIZES = {8, 32, 1};

  /** How far two runs of one graph may be apart, in units of the coarsest type it computes in. */
  private static final double ROUNDINGS = 64;

  /**
   * Compares the reloaded files with the plan and the original.
   *
   * @param rewritten the graph that was written
   * @param factors the factors that were written, by variable name
   * @throws IllegalStateException where the files do not compute what was planned
   */
  static Verification of(
      LiveModel original, FlatGraph rewritten, Map<String, Tensor> factors, ServedModel reloaded) {
    double againstPlan = 0;
    double againstOriginal = 0;
    int signatures = 0;
    try (PlannedGraph planned = new PlannedGraph(original, rewritten, factors)) {
      for (String key : rewritten.signatures().keySet()) {
        Optional<Verification> one = ofSignature(original, planned, reloaded, key);
        if (one.isPresent()) {
          signatures++;
          againstPlan = Math.max(againstPlan, one.get().againstPlan);
          againstOriginal = Math.max(againstOriginal, one.get().againstOriginal);
        }
      }
    }
    double slack = ROUNDINGS * coarsestUnit(rewritten);
    if (!(againstPlan <= slack)) {
      throw new IllegalStateException(
          "%s: expected written files that compute what was planned to %.1e, found a difference of %.1e"
              .formatted(original.files().folder(), slack, againstPlan));
    }
    return new Verification(signatures, againstPlan, againstOriginal);
  }

  private static Optional<Verification> ofSignature(
      LiveModel original, PlannedGraph plan, ServedModel reloaded, String key) {
    SignatureDef signature = original.flatGraph().signature(key);
    for (int size : OPEN_SIZES) {
      Optional<GeneratedInputs> generated = GeneratedInputs.of(original, signature, size);
      if (generated.isEmpty()) {
        return Optional.empty();
      }
      try (GeneratedInputs inputs = generated.get()) {
        Map<String, double[]> expected;
        try {
          expected = run(original.session(), original::tensor, signature, inputs);
        } catch (TensorFlowException | IllegalArgumentException | UnsupportedOperationException e) {
          continue; // the graph does not take inputs of these sizes
        }
        if (difference(expected, run(original.session(), original::tensor, signature, inputs))
            > 0) {
          return Optional.empty(); // it draws random numbers
        }
        Map<String, double[]> planned = run(original.session(), plan::tensor, signature, inputs);
        SignatureDef written = reloaded.signature(key);
        Map<String, double[]> found = run(reloaded.session(), reloaded::tensor, written, inputs);
        return Optional.of(
            new Verification(1, difference(planned, found), difference(expected, found)));
      }
    }
    return Optional.empty();
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

  /** The largest difference of any output, by the largest value of that output. */
  private static double difference(Map<String, double[]> expected, Map<String, double[]> found) {
    double worst = 0;
    for (Map.Entry<String, double[]> entry : expected.entrySet()) {
      double[] left = entry.getValue();
      double[] right = found.getOrDefault(entry.getKey(), new double[0]);
      double scale = Double.MIN_NORMAL;
      double largest = left.length == right.length ? 0 : Double.POSITIVE_INFINITY;
      for (int i = 0; i < Math.min(left.length, right.length); i++) {
        scale = Math.max(scale, Math.abs(left[i]));
        largest = Math.max(largest, Math.abs(left[i] - right[i]));
      }
      worst = Math.max(worst, largest / scale);
    }
    return worst;
  }

  private static double coarsestUnit(FlatGraph graph) {
    double unit = 0;
    for (NodeDef node : graph.nodes()) {
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
