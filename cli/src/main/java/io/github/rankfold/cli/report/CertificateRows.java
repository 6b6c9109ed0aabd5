package io.github.rankfold.cli.report;

import java.util.ArrayList;
import java.util.List;

/** Picks the rows of {@code certificates.csv} that belong together. */
final class CertificateRows {
  private CertificateRows() {}

  /** A partition and its number of clusters: {@code labels, C = 10}. */
  static String partition(CheckedTable certificates, int row) {
    return "%s, C = %s"
        .formatted(certificates.text(row, "partition"), certificates.shown(row, "clusters"));
  }

  /** One row a layer: by the labels where there are such rows, else by the first partition. */
  static List<Integer> ofMainPartition(CheckedTable certificates) {
    if (certificates.size() == 0) {
      return List.of();
    }
    int main = certificates.rowWhere("partition", "labels").orElse(0);
    List<Integer> rows = new ArrayList<>();
    for (int row = 0; row < certificates.size(); row++) {
      if (partition(certificates, row).equals(partition(certificates, main))) {
        rows.add(row);
      }
    }
    return rows;
  }
}
