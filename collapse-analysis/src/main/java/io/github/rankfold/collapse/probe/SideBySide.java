package io.github.rankfold.collapse.probe;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Independent pieces of work, run on all cores; of several that fail the first one tells why,
 * whichever was the faster.
 */
final class SideBySide {
  private final List<Runnable> pieces = new ArrayList<>();

  void add(Runnable piece) {
    pieces.add(piece);
  }

  void run() {
    List<Optional<RuntimeException>> failures =
        pieces.parallelStream().map(SideBySide::failureOf).toList();
    for (Optional<RuntimeException> failure : failures) {
      if (failure.isPresent()) {
        throw failure.get();
      }
    }
  }

  private static Optional<RuntimeException> failureOf(Runnable piece) {
    try {
      piece.run();
      return Optional.empty();
    } catch (RuntimeException e) {
      return Optional.of(e);
    }
  }
}
