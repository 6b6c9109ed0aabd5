package io.github.rankfold.collapse.probe;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.Consumer;
import org.tensorflow.Result;

/**
 * Has results read on another thread, one at a time and in their order, while the session computes
 * the next one: neither of the two keeps all cores busy.
 *
 * <p>Closed by whoever opened it; closing waits for the result that is being read.
 */
final class ReadBehind implements AutoCloseable {
  private CompletableFuture<Void> reading = CompletableFuture.completedFuture(null);

  /**
   * Once the result before is read, has {@code reader} read this one, which is then closed.
   *
   * @throws RuntimeException what reading the result before threw
   */
  void read(Result result, Consumer<Result> reader) {
    try {
      finish();
    } catch (RuntimeException e) {
      result.close();
      throw e;
    }
    reading =
        CompletableFuture.runAsync(
            () -> {
              try (result) {
                reader.accept(result);
              }
            });
  }

  /** Waits for the last result, and throws what reading it threw. */
  void finish() {
    try {
      reading.join();
    } catch (CompletionException e) {
      if (e.getCause() instanceof RuntimeException cause) {
        throw cause;
      }
      throw e;
    }
  }

  @Override
  public void close() {
    reading.exceptionally(failure -> null).join(); // a failure is told by finish
  }
}
