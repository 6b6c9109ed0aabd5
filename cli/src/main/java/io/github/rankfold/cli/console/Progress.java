package io.github.rankfold.cli.console;

import java.io.PrintWriter;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;
import org.jspecify.annotations.Nullable;

/** A bar on a terminal, one line elsewhere. Whoever starts it closes it. */
public final class Progress implements AutoCloseable {
  private final @Nullable ProgressBar bar;

  private Progress(@Nullable ProgressBar bar) {
    this.bar = bar;
  }

  static Progress silent() {
    return new Progress(null);
  }

  static Progress of(PrintWriter err, String task, long steps) {
    if (System.console() == null) {
      err.println(task + " ...");
      return silent();
    }
    return new Progress(
        new ProgressBarBuilder()
            .setTaskName(task)
            .setInitialMax(steps)
            .setStyle(ProgressBarStyle.ASCII)
            .clearDisplayOnFinish()
            .build());
  }

  /** So many of the steps are done. */
  public void reached(long step) {
    if (bar != null) {
      bar.stepTo(step);
    }
  }

  /** What is being worked on. */
  public void on(String what) {
    if (bar != null) {
      bar.setExtraMessage(" " + what);
    }
  }

  @Override
  public void close() {
    if (bar != null) {
      bar.close();
    }
  }
}
