package io.github.rankfold.collapse.rank;

import io.github.rankfold.collapse.linalg.Matrix;
import io.github.rankfold.collapse.linalg.Precision;
import io.github.rankfold.collapse.linalg.Subspace;
import io.github.rankfold.collapse.linalg.Svd;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/**
 * Projecting on both sides within one budget of rank: for orthogonal projectors P [m x m] of rank p
 * and Q [n x n] of rank q,
 *
 * <pre>
 *   lambda W          = R - M - E
 *   W                 = P W + (I-P) W Q + (I-P) W (I-Q),   rank of the first two <= p + q
 *   dist(W, rank p+q) &lt;= (||(I-P) M (I-Q)||_F + ||(I-P) E (I-Q)||_F + ||(I-P) R (I-Q)||_F) / lambda
 * </pre>
 *
 * with {@code M = sum_c (n_c/N) zbar_c^T dbar_c} and E the variation within the clusters. The bound
 * holds whatever P and Q are, so they are only searched for: p directions that the means M, or
 * means and variation together [M E], have most of on one side, and q that E, or both, have most of
 * on the other. P the span of the means and q = 0 is {@link RankCertificate#projectedBound}.
 *
 * <p>M and E are measured apart and their norms added; taken together they would be {@code G = R -
 * lambda W}, and the bound would say nothing but W's own spectrum.
 */
final class TwoSidedBound {
  /** Beyond this rank the search costs more than it was seen to gain. */
  private static final int LARGEST_RANK = 128;

  /** Directions of E beside those asked for: makes the leading ones exact enough. */
  private static final int OVERSAMPLING = 8;

  private static final int POWER_STEPS = 3;
  private static final int SPLITS = 11;
  private static final double INDEPENDENT = 1e-12;

  private final Matrix means;
  private final Matrix within;
  private final Matrix residual;
  private final int rank;

  private TwoSidedBound(Matrix means, Matrix within, Matrix residual, int rank) {
    this.means = means;
    this.within = within;
    this.residual = residual;
    this.rank = rank;
  }

  /**
   * The least such bound that was found, times lambda; infinite where the rank is too large to
   * search for.
   *
   * @param means M [m x n]
   * @param within E [m x n]
   * @param residual R [m x n]
   * @param rank p + q
   * @param clusters C, which the rank of M is at most
   */
  static double timesLambda(Matrix means, Matrix within, Matrix residual, int rank, int clusters) {
    if (rank >= Math.min(means.rows(), means.cols())) {
      return 0; // P = I: every matrix of these sizes has at most this rank
    }
    if (rank > LARGEST_RANK) {
      return Double.POSITIVE_INFINITY;
    }
    return new TwoSidedBound(means, within, residual, rank).search(clusters);
  }

  /** P and Q as rows that span what they project on. */
  private record Choice(Subspace left, Subspace right) {
    Choice transposed() {
      return new Choice(right, left);
    }
  }

  /** Where P is chosen first, and Q of what it leaves; and the other way round. */
  private double search(int clusters) {
    Core core = Core.of(means, within, rank, clusters);
    List<Choice> choices = new ArrayList<>(core.best(rank));
    core.transposed().best(rank).forEach(choice -> choices.add(choice.transposed()));
    double least = Double.POSITIVE_INFINITY;
    for (Choice choice : choices) {
      least =
          Math.min(
              least, outside(choice, means) + outside(choice, within) + outside(choice, residual));
    }
    return least;
  }

  /** {@code ||(I-P) X (I-Q)||_F}. */
  private static double outside(Choice choice, Matrix x) {
    return choice.right().residual(choice.left().residualOfColumns(x)).frobeniusNorm();
  }

  /**
   * M and E within the leading directions of both, small enough to try many P and Q.
   *
   * @param left orthonormal rows, of width m
   * @param right orthonormal rows, of width n
   * @param means {@code left M right^T}
   * @param within {@code left E right^T}
   * @param rest {@code ||E||_F^2} outside of them
   */
  private record Core(Matrix left, Matrix right, Matrix means, Matrix within, double rest) {
    static Core of(Matrix means, Matrix within, int rank, int clusters) {
      int directions = rank + OVERSAMPLING;
      // As many random directions as M has rank find all that it spans, without a power step.
      int steps = clusters <= directions ? 0 : POWER_STEPS;
      Matrix leftOfMeans = leading(means, directions, steps);
      Matrix leftOfWithin = leading(within, directions, POWER_STEPS);
      Matrix left = basis(leftOfMeans, leftOfWithin);
      Matrix right = basis(leftOfMeans.times(means), leftOfWithin.times(within));
      Matrix coreWithin = left.times(within).timesTransposed(right);
      double inside = coreWithin.frobeniusNorm();
      double all = within.frobeniusNorm();
      return new Core(
          left,
          right,
          left.times(means).timesTransposed(right),
          coreWithin,
          Math.max(0, all * all - inside * inside));
    }

    Core transposed() {
      return new Core(right, left, means.transpose(), within.transpose(), rest);
    }

    /** About the leading left singular vectors of X [m x n], as rows. */
    private static Matrix leading(Matrix x, int count, int steps) {
      Random random = new Random(1);
      int directions = Math.min(count, Math.min(x.rows(), x.cols()));
      Matrix rows = gaussian(random, directions, x.cols()).timesTransposed(x);
      for (int step = 0; step < steps; step++) {
        rows = Subspace.spannedBy(rows, INDEPENDENT).basis();
        rows = rows.times(x).timesTransposed(x);
      }
      return Subspace.spannedBy(rows, INDEPENDENT).basis();
    }

    private static Matrix gaussian(Random random, int rows, int cols) {
      double[] values = new double[rows * cols];
      for (int i = 0; i < values.length; i++) {
        values[i] = random.nextGaussian();
      }
      return Matrix.owning(rows, cols, values);
    }

    /** Of what both span, each taken by itself: the second may be far smaller than the first. */
    private static Matrix basis(Matrix first, Matrix second) {
      return Subspace.spannedBy(
              below(
                  Subspace.spannedBy(first, INDEPENDENT).basis(),
                  Subspace.spannedBy(second, INDEPENDENT).basis()),
              INDEPENDENT)
          .basis();
    }

    /** The best choice of each kind of P. */
    List<Choice> best(int rank) {
      List<Choice> choices = new ArrayList<>();
      for (Matrix first : List.of(means, beside(means, within))) {
        Matrix directions = Svd.of(first, Precision.FLOAT64).u().transpose();
        choices.add(best(directions, rank));
      }
      return choices;
    }

    private Choice best(Matrix directions, int rank) {
      double least = Double.POSITIVE_INFINITY;
      Subspace leftOfLeast = null;
      Subspace rightOfLeast = null;
      int before = -1;
      for (int split = 0; split <= SPLITS; split++) {
        int p = Math.min(directions.rows(), rank * split / SPLITS);
        if (p == before) {
          continue;
        }
        before = p;
        Subspace leftPart = Subspace.ofOrthonormal(directions.leadingRows(p));
        Matrix meansLeft = leftPart.residualOfColumns(means);
        Matrix withinLeft = leftPart.residualOfColumns(within);
        List<Matrix> seconds =
            p == rank
                ? List.of(withinLeft) // of which nothing is taken
                : List.of(withinLeft, below(meansLeft, withinLeft));
        for (Matrix second : seconds) {
          Matrix vt = Svd.of(second, Precision.FLOAT64).vt();
          Subspace rightPart =
              Subspace.ofOrthonormal(vt.leadingRows(Math.min(rank - p, vt.rows())));
          double e = rightPart.residual(withinLeft).frobeniusNorm();
          double found = rightPart.residual(meansLeft).frobeniusNorm() + Math.sqrt(e * e + rest);
          if (leftOfLeast == null || found < least) {
            least = found;
            leftOfLeast = leftPart;
            rightOfLeast = rightPart;
          }
        }
      }
      if (leftOfLeast == null || rightOfLeast == null) {
        throw new IllegalStateException("no split of rank " + rank + " was tried");
      }
      return new Choice(lifted(leftOfLeast, left), lifted(rightOfLeast, right));
    }

    /** Directions of the core as directions of the whole space. */
    private static Subspace lifted(Subspace part, Matrix basis) {
      return Subspace.ofOrthonormal(part.basis().times(basis));
    }

    private static Matrix below(Matrix top, Matrix bottom) {
      double[] values = new double[(top.rows() + bottom.rows()) * top.cols()];
      System.arraycopy(top.toDoubles(), 0, values, 0, top.rows() * top.cols());
      System.arraycopy(
          bottom.toDoubles(), 0, values, top.rows() * top.cols(), bottom.rows() * top.cols());
      return Matrix.owning(top.rows() + bottom.rows(), top.cols(), values);
    }

    private static Matrix beside(Matrix left, Matrix right) {
      return below(left.transpose(), right.transpose()).transpose();
    }
  }
}
