package io.github.rankfold.compression.search;

import java.util.OptionalInt;

/**
 * Looks for the last position of a path that a budget allows, in few trials.
 *
 * <p>The drop is taken to be a smooth function of the predicted change of the outputs: the one of
 * the {@link DropModel}, with changes that are larger or smaller than predicted by a factor. Each
 * trial measures that factor; between two trials it is interpolated, on logarithmic scales. As with
 * every secant method, a trial can fail to shrink the range: it lies well inside of it, and after
 * three on the same side the next one halves the sizes.
 */
final class PositionSearch {
  /** What is left to gain where the search ends, of the parameters. */
  private static final double GAIN = 0.03;

  /** Ends that differ by less than this factor in size are near each other. */
  private static final double FAR = 1.25;

  /** Drops are told apart from the wanted one by at most this factor: few samples say no more. */
  private static final double FURTHEST = 4;

  private final RankPath path;
  private final PlannedSize.Of sizes;
  private final DropModel model;
  private final double wanted;
  private int allowed;
  private int refused;
  private double allowedFactor;
  private double refusedFactor;
  private double factor = 1;
  private boolean lastAllowed;
  private int sameSide;

  /**
   * A search between two positions.
   *
   * @param wanted the drop that is allowed
   * @param allowed a position that is known to be, or the first one that may be
   */
  PositionSearch(RankPath path, PlannedSize.Of sizes, DropModel model, double wanted, int allowed) {
    this.path = path;
    this.sizes = sizes;
    this.model = model;
    this.wanted = wanted;
    this.allowed = allowed;
    this.refused = path.length() + 1;
  }

  /** Where the next trial is; empty where there is too little to gain. */
  OptionalInt next() {
    if (refused - allowed <= 1 || size(refused - 1) > (1 - GAIN) * size(allowed)) {
      return OptionalInt.empty();
    }
    int position = sameSide >= 3 ? middle() : interpolated();
    return OptionalInt.of(inside(position));
  }

  /** Whether there is much to gain yet: more than drops that are measured roughly can hide. */
  boolean isFarFromDone() {
    return refused - allowed > 1 && size(Math.min(refused, path.length())) * FAR < size(allowed);
  }

  /** Where the next trial halves what is left, whatever has been measured. */
  int halfway() {
    return inside(middle());
  }

  private int interpolated() {
    double change = model.change(wanted) / factor;
    if (allowedFactor > 0 && refusedFactor > 0) {
      // change * factor(change) meets the wanted one between the two, straight in logarithms.
      double from = Math.log(path.change(allowed));
      double to = Math.log(path.change(refused));
      double effectFrom = from + Math.log(allowedFactor);
      double effectTo = to + Math.log(refusedFactor);
      double effect = Math.log(model.change(wanted));
      if (effectTo > effectFrom) {
        double share = (effect - effectFrom) / (effectTo - effectFrom);
        change = Math.exp(from + Math.max(0, Math.min(1, share)) * (to - from));
      }
    }
    return path.positionOfChange(change);
  }

  private int middle() {
    return path.positionOfSize(
        sizes, Math.sqrt(size(allowed) * size(Math.min(refused, path.length()))));
  }

  /** At least a part of what may be gained away from both ends. */
  private int inside(int position) {
    double largest = size(allowed);
    double smallest = size(Math.min(refused, path.length()));
    boolean open = refused > path.length();
    double nearAllowed = largest * Math.max(1 - GAIN, Math.pow(smallest / largest, 0.1));
    double tenth = Math.pow(largest / smallest, 0.1);
    boolean again = !lastAllowed && sameSide >= 2; // drops are measured roughly: not just beside it
    double nearRefused = smallest * (again ? tenth : Math.min(1 + GAIN / 2, tenth));
    int first = path.positionOfSize(sizes, nearAllowed);
    int last = open ? path.length() : path.positionOfSize(sizes, nearRefused);
    int chosen = Math.max(first, Math.min(last, position));
    return Math.max(allowed + 1, Math.min(refused - 1, chosen));
  }

  /** What a trial at {@code position} gave. */
  void tried(int position, double drop, boolean isAllowed) {
    double near = Math.max(wanted / FURTHEST, Math.min(wanted * FURTHEST, drop));
    double change = path.change(position);
    double found = change > 0 ? model.change(near) / change : 0;
    factor = found > 0 ? found : factor;
    sameSide = isAllowed == lastAllowed ? sameSide + 1 : 1;
    lastAllowed = isAllowed;
    if (isAllowed) {
      allowed = position;
      allowedFactor = found;
    } else {
      refused = position;
      refusedFactor = found;
    }
  }

  private double size(int position) {
    return sizes.parameters(path.at(position));
  }
}
