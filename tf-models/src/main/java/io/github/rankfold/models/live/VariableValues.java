package io.github.rankfold.models.live;

import io.github.rankfold.models.savedmodel.TensorRef;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.tensorflow.Result;
import org.tensorflow.Tensor;

/**
 * The values of all variables of a model, fetched in one run: one by one would take a hundred times
 * as long on a large graph. Whoever fetches them closes them.
 */
public final class VariableValues implements AutoCloseable {
  private final @Nullable Result result;
  private final Map<String, Tensor> byName = new LinkedHashMap<>();

  private VariableValues() {
    this.result = null;
  }

  /** Of no variable. */
  public static VariableValues none() {
    return new VariableValues();
  }

  VariableValues(LiveModel model) {
    Map<String, TensorRef> tensors = model.variableValues();
    if (tensors.isEmpty()) {
      this.result = null;
      return;
    }
    Result fetched = model.fetch(tensors.values());
    this.result = fetched;
    int index = 0;
    for (String name : tensors.keySet()) {
      byName.put(name, fetched.get(index++));
    }
  }

  /** By shared name; valid until this is closed. */
  public Map<String, Tensor> byName() {
    return Collections.unmodifiableMap(byName);
  }

  @Override
  public void close() {
    if (result != null) {
      result.close();
    }
  }
}
