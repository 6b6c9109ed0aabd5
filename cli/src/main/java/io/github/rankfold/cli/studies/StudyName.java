package io.github.rankfold.cli.studies;

import io.github.rankfold.models.data.DataSplit;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/** The studies, as users name them. */
public enum StudyName {
  LAMBDA(LambdaStudy::new),
  DEPTH(DepthStudy::new),
  TIME(TimeStudy::new),
  RESIDUAL(ResidualStudy::new),
  TRUNCATION(TruncationStudy::new),
  BARRIER(BarrierStudy::new),
  PARALLEL(ParallelStudy::new),
  FORECAST((data, seed) -> new ForecastComparison(data.train(), seed));

  /** A study of the size that its name promises. */
  @FunctionalInterface
  private interface Recipe {
    Study of(DataSplit data, long seed);
  }

  @SuppressWarnings("ImmutableEnumChecker") // constructors, which hold nothing
  private final Recipe recipe;

  StudyName(Recipe recipe) {
    this.recipe = recipe;
  }

  /** As users write it. */
  public String text() {
    return name().toLowerCase(Locale.ROOT);
  }

  /**
   * The study on this data.
   *
   * @param seed the first of the seeds that it uses; further ones follow it
   */
  public Study on(DataSplit data, long seed) {
    return recipe.of(data, seed);
  }

  /**
   * The studies of that name: one, or every one where it is {@code all}.
   *
   * @throws IllegalArgumentException where there is none, naming those that there are
   */
  public static List<StudyName> named(String text) {
    if (text.equals("all")) {
      return List.of(values());
    }
    return Arrays.stream(values())
        .filter(study -> study.text().equals(text))
        .findFirst()
        .map(List::of)
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "study must be %s or all, was %s".formatted(names(), text)));
  }

  private static String names() {
    return Arrays.stream(values()).map(StudyName::text).collect(Collectors.joining(", "));
  }
}
