package io.github.rankfold.models.data;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Which data a result was computed from; goes into {@code summary.json} as it is.
 *
 * @param source the data as a user would write it, for instance {@code digits?split=test}
 * @param samples N
 * @param featureShape the shape of one sample
 * @param classNames K names; none where the data has no labels
 * @param standardization what the features were standardized by, or null
 * @param sha256 of features and labels as read; equal for equal data in other files
 */
public record DataProvenance(
    String source,
    int samples,
    List<Integer> featureShape,
    List<String> classNames,
    @Nullable Standardization standardization,
    String sha256) {
  public DataProvenance {
    featureShape = List.copyOf(featureShape);
    classNames = List.copyOf(classNames);
  }
}
