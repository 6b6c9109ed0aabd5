package io.github.rankfold.models.live;

import io.github.rankfold.models.InvalidInputException;
import io.github.rankfold.models.savedmodel.FlatGraph;
import io.github.rankfold.models.savedmodel.SavedModelFolder;
import io.github.rankfold.models.savedmodel.TensorRef;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;
import org.tensorflow.proto.SignatureDef;
import org.tensorflow.proto.TensorInfo;

/** The signature of a model that its options name, and what goes into it and comes out. */
record CalledSignature(SavedModelFolder files, FlatGraph flat, ModelOptions options) {
  /** See {@link LiveModel#signatureKey()}. */
  String key() {
    return files.signatureKey(options.signature());
  }

  SignatureDef definition() {
    return flat.signature(key());
  }

  /** See {@link LiveModel#inputs()}. */
  Map<String, TensorRef> inputs() {
    Map<String, TensorRef> inputs = new TreeMap<>();
    definition()
        .getInputsMap()
        .forEach((name, info) -> inputs.put(name, TensorRef.parse(info.getName())));
    if (inputs.isEmpty()) {
      throw new InvalidInputException(
          "%s: signature %s: expected an input to feed data to, found none"
              .formatted(files.folder(), key()));
    }
    return inputs;
  }

  /** See {@link LiveModel#input()}. */
  TensorRef input() {
    Map<String, TensorRef> inputs = inputs();
    if (inputs.size() != 1) {
      throw new InvalidInputException(
          "%s: signature %s: expected one input, found %s"
              .formatted(files.folder(), key(), String.join(", ", inputs.keySet())));
    }
    return inputs.values().iterator().next();
  }

  /** The output that counts; empty where there are several and none is named. */
  private Optional<TensorInfo> chosen() {
    Map<String, TensorInfo> outputs = definition().getOutputsMap();
    TensorInfo named = outputs.get(options.output().orElse("logits"));
    return named == null && options.output().isEmpty() && outputs.size() == 1
        ? Optional.of(outputs.values().iterator().next())
        : Optional.ofNullable(named);
  }

  /** See {@link LiveModel#output()}. */
  TensorRef output() {
    TensorInfo output =
        chosen()
            .orElseThrow(
                () ->
                    new InvalidInputException(
                        "%s: signature %s: expected %s, found outputs %s"
                            .formatted(
                                files.folder(),
                                key(),
                                options
                                    .output()
                                    .map(name -> "output " + name)
                                    .orElse("one output, or --output-key KEY"),
                                String.join(
                                    ", ", new TreeSet<>(definition().getOutputsMap().keySet())))));
    return TensorRef.parse(output.getName());
  }

  /** See {@link LiveModel#logits()}. */
  TensorRef logits() {
    return TwoClasses.in(flat)
        .or(() -> FinalActivation.inputOf(flat, output(), "Softmax"))
        .orElseGet(this::output);
  }

  /** The graph with the logits of {@link TwoClasses}, where the output is a probability of one. */
  FlatGraph withLogits() {
    return files.leavesSignatureOpen(options.signature())
        ? flat
        : chosen().map(output -> TwoClasses.addedTo(flat, output)).orElse(flat);
  }
}
