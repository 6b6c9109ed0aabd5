package io.github.rankfold.collapse.linalg;

import io.github.rankfold.models.BackgroundTask;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.function.ToIntFunction;
import java.util.stream.IntStream;

/**
 * Decompositions of many matrices, several at a time: each in one BLAS thread, the largest first,
 * so that all cores have work to the end and no thread waits for another by spinning.
 *
 * <p>A matrix that is worth all BLAS threads gets them, and runs alone.
 */
public final class Workers {
  /** Each holds a kernel and its decomposition, which is what takes memory in a large model. */
  private static final int MOST = 8;

  private Workers() {}

  /**
   * Applies {@code work} to all items; the results are in the items' order.
   *
   * @param side {@code min(m, n)} of an item's matrix
   * @param work done with each item, in any thread; what the first failing one of the largest-first
   *     order throws is thrown here
   */
  public static <T, R> List<R> map(List<T> items, ToIntFunction<T> side, Function<T, R> work) {
    Map<Integer, R> results = new HashMap<>();
    List<Integer> beside = new ArrayList<>();
    List<Integer> largestFirst =
        IntStream.range(0, items.size())
            .boxed()
            .sorted(Comparator.comparingInt(i -> -side.applyAsInt(items.get(i))))
            .toList();
    int threads = Math.min(MOST, BlasThreads.all());
    for (int i : largestFirst) {
      if (threads == 1 || side.applyAsInt(items.get(i)) > Lapack.LARGE) {
        results.put(i, work.apply(items.get(i)));
      } else {
        beside.add(i);
      }
    }
    if (!beside.isEmpty()) {
      BlasThreads.oneForEach(
          () -> results.putAll(mapBeside(beside, threads, i -> work.apply(items.get(i)))));
    }
    return IntStream.range(0, items.size()).mapToObj(results::get).toList();
  }

  /** After a failure the others still read what the caller may be about to close. */
  private static void awaitEnd(ExecutorService pool) {
    boolean interrupted = false;
    while (!pool.isTerminated()) {
      try {
        pool.awaitTermination(1, TimeUnit.MINUTES);
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  private static <R> Map<Integer, R> mapBeside(
      List<Integer> order, int threads, Function<Integer, R> work) {
    ExecutorService pool = Executors.newFixedThreadPool(Math.min(threads, order.size()));
    try {
      List<Future<R>> running = order.stream().map(i -> pool.submit(() -> work.apply(i))).toList();
      Map<Integer, R> results = new HashMap<>();
      for (int place = 0; place < order.size(); place++) {
        results.put(order.get(place), BackgroundTask.resultOf(running.get(place)));
      }
      return results;
    } finally {
      pool.shutdownNow();
      awaitEnd(pool);
    }
  }
}
