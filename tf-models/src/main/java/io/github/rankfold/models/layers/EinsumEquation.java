package io.github.rankfold.models.layers;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.IntPredicate;
import org.tensorflow.proto.NodeDef;

/**
 * The equation of an Einsum of data and a weight, {@code abc,cde->abde}, data first.
 *
 * @param data the labels of the data
 * @param weight the labels of the weight
 * @param output the labels of the result
 * @param weightFirst whether the operation takes the weight as its first input
 */
public record EinsumEquation(String data, String weight, String output, boolean weightFirst) {
  /** Empty where labels repeat within a tensor or the data is not one of two inputs. */
  static Optional<EinsumEquation> parse(NodeDef node, int weightInput) {
    String equation = node.getAttrOrThrow("equation").getS().toStringUtf8().replace(" ", "");
    String[] sides = equation.split("->", -1);
    String[] inputs = sides[0].split(",", -1);
    if (sides.length != 2 || inputs.length != 2) {
      return Optional.empty();
    }
    EinsumEquation parsed =
        new EinsumEquation(
            inputs[1 - weightInput], inputs[weightInput], sides[1], weightInput == 0);
    boolean plain =
        List.of(parsed.data, parsed.weight, parsed.output).stream()
            .allMatch(labels -> isPlain(labels.replace("...", "")));
    return plain && !parsed.weight.contains("...") ? Optional.of(parsed) : Optional.empty();
  }

  /** The equation of a rewritten node. */
  public static EinsumEquation of(NodeDef node, boolean weightFirst) {
    return parse(node, weightFirst ? 0 : 1).orElseThrow();
  }

  private static boolean isPlain(String labels) {
    return labels.chars().allMatch(Character::isLetter)
        && labels.chars().distinct().count() == labels.length();
  }

  /** The axes of the weight that are summed over: labels of the data that the result lacks. */
  List<Integer> contractedAxes() {
    return axes(label -> data.indexOf(label) >= 0 && output.indexOf(label) < 0);
  }

  /** The axes of the weight that remain. */
  List<Integer> keptAxes() {
    return axes(label -> data.indexOf(label) < 0 && output.indexOf(label) >= 0);
  }

  /** Whether an axis of the weight is neither summed over nor only the weight's. */
  boolean sharesBatchLabels() {
    return contractedAxes().size() + keptAxes().size() != weight.length();
  }

  private List<Integer> axes(IntPredicate chosen) {
    List<Integer> axes = new ArrayList<>();
    for (int axis = 0; axis < weight.length(); axis++) {
      if (chosen.test(weight.charAt(axis))) {
        axes.add(axis);
      }
    }
    return axes;
  }

  /** The labels of the weight's axes that are summed over, in the weight's order. */
  public String contracted() {
    return labels(contractedAxes());
  }

  /** The labels of the weight's axes that remain, in the weight's order. */
  public String kept() {
    return labels(keptAxes());
  }

  private String labels(List<Integer> axes) {
    StringBuilder labels = new StringBuilder();
    axes.forEach(axis -> labels.append(weight.charAt(axis)));
    return labels.toString();
  }

  /** The labels of the data that are not summed over. */
  public String dataKept() {
    StringBuilder labels = new StringBuilder();
    String contracted = contracted();
    for (int i = 0; i < data.length(); i++) {
      if (contracted.indexOf(data.charAt(i)) < 0) {
        labels.append(data.charAt(i));
      }
    }
    return labels.toString();
  }

  /** A letter that the equation does not use. */
  public char freeLabel() {
    String used = data + weight + output;
    for (char label = 'A'; label <= 'z'; label++) {
      if (Character.isLetter(label) && used.indexOf(label) < 0) {
        return label;
      }
    }
    throw new IllegalStateException("all letters are used in " + this);
  }
}
