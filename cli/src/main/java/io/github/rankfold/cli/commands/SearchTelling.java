package io.github.rankfold.cli.commands;

import io.github.rankfold.cli.console.Console;
import io.github.rankfold.cli.console.Progress;
import io.github.rankfold.compression.search.Refinement;
import io.github.rankfold.compression.search.SearchListener;
import io.github.rankfold.compression.search.SearchPoint;
import io.github.rankfold.models.layers.Layer;
import io.github.rankfold.models.live.LiveModel;
import java.util.Locale;
import java.util.concurrent.atomic.AtomicInteger;

/** Tells a user how a search goes on. */
record SearchTelling(Console console, Progress progress, LiveModel model, AtomicInteger trials)
    implements SearchListener {
  SearchTelling(Console console, Progress progress, LiveModel model) {
    this(console, progress, model, new AtomicInteger());
  }

  @Override
  public void stage(String name) {
    progress.on(name);
  }

  @Override
  public void layer(Layer layer) {
    progress.on(layer.name());
    progress.reached(model.layers().indexOf(layer) + 1L);
  }

  @Override
  public void tried(SearchPoint point) {
    if (trials.getAndIncrement() == 0) {
      console.note(
          "Trials on half of the samples (fitted: layers to what the original gives there;%n"
                  .formatted()
              + "tuned: factors to its outputs):");
    }
    console.note(
        String.format(
            Locale.ROOT,
            "  %,12d parameters%-8s %6.2f worse%s",
            point.size().parameters(),
            point.refinement() == Refinement.NONE ? "" : ", " + point.refinement(),
            point.drop().measured(),
            point.drop().promised().isPresent()
                ? String.format(
                    Locale.ROOT,
                    " on all samples, at most %.2f promised",
                    point.drop().promised().getAsDouble())
                : ""));
  }
}
