package io.github.rankfold.models;

import java.util.concurrent.CancellationException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.FutureTask;
import java.util.function.Supplier;

/**
 * Work that a thread of its own does while the caller goes on: what one core can do beside a stage
 * that keeps only one busy.
 *
 * <p>Whoever starts a task closes it, which waits for its end: what it works with may be closed
 * after that.
 *
 * @param <T> what comes of it
 */
public final class BackgroundTask<T> implements AutoCloseable {
  private final FutureTask<T> task;

  private BackgroundTask(FutureTask<T> task) {
    this.task = task;
  }

  /** Starts {@code work} at once. */
  public static <T> BackgroundTask<T> start(String name, Supplier<T> work) {
    FutureTask<T> task = new FutureTask<>(work::get);
    Thread thread = new Thread(task, name);
    thread.setDaemon(true);
    thread.start();
    return new BackgroundTask<>(task);
  }

  /** What came of the work, which is waited for; what it threw is thrown here. */
  public T result() {
    return resultOf(task);
  }

  /** The same of work that another thread was given in another way. */
  public static <T> T resultOf(Future<T> work) {
    try {
      return work.get();
    } catch (ExecutionException e) {
      if (e.getCause() instanceof RuntimeException failure) {
        throw failure;
      }
      if (e.getCause() instanceof Error error) {
        throw error;
      }
      throw new IllegalStateException(e.getCause());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new CancellationException("interrupted while waiting for another thread");
    }
  }

  /** Waits for the end of the work; a failure that no one asked for is dropped. */
  @Override
  public void close() {
    boolean interrupted = false;
    while (true) {
      try {
        task.get();
        break;
      } catch (ExecutionException e) {
        break;
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
