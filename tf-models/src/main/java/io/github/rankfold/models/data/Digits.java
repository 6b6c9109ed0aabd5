package io.github.rankfold.models.data;

import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import java.util.zip.GZIPInputStream;
import org.apache.commons.csv.CSVFormat;
import org.apache.commons.csv.CSVParser;
import org.apache.commons.csv.CSVRecord;

/**
 * The bundled 1,797 images of handwritten digits, 8x8 grey values 0..16 divided by 16, as
 * scikit-learn's {@code load_digits} has them.
 *
 * <p>Features have shape [64]. Every fifth image is held out: 1,437 to train on and 360 to test.
 * Source: E. Alpaydin and C. Kaynak, Optical Recognition of Handwritten Digits, UCI Machine
 * Learning Repository, doi:10.24432/C50P49, CC BY 4.0; see digits.NOTICE.txt beside the resource.
 */
public final class Digits {
  private static final String RESOURCE = "digits.csv.gz";
  private static final int WIDTH = 64;
  private static final int FOLD = 5;

  private Digits() {}

  /** Reads the bundled data; the test part is always there. */
  public static DataSplit load() {
    List<CSVRecord> rows = rows();
    ByteBuffer pixels = ByteBuffer.allocate(rows.size() * WIDTH);
    int[] labels = new int[rows.size()];
    for (int i = 0; i < labels.length; i++) {
      Iterator<String> cells = rows.get(i).iterator();
      for (int pixel = 0; pixel < WIDTH; pixel++) {
        pixels.put(Byte.parseByte(cells.next()));
      }
      labels[i] = Integer.parseInt(cells.next());
    }
    LabeledData all =
        new LabeledData(
            "digits",
            Features.ofBytes(pixels.flip(), WIDTH, 1.0 / 16),
            List.of(WIDTH),
            labels,
            ClassNames.numbered(10));
    int[] train = IntStream.range(0, labels.length).filter(i -> i % FOLD != 0).toArray();
    int[] test = IntStream.range(0, labels.length).filter(i -> i % FOLD == 0).toArray();
    return new DataSplit(all.select(train), Optional.of(all.select(test))).named("digits");
  }

  private static List<CSVRecord> rows() {
    CSVFormat format = CSVFormat.RFC4180.builder().setHeader().setSkipHeaderRecord(true).get();
    try (InputStream in = Digits.class.getResourceAsStream(RESOURCE)) {
      if (in == null) {
        throw new IllegalStateException(RESOURCE + " is missing from the jar");
      }
      try (CSVParser parser =
          CSVParser.builder()
              .setReader(new InputStreamReader(new GZIPInputStream(in), StandardCharsets.US_ASCII))
              .setFormat(format)
              .get()) {
        return parser.getRecords();
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
