package io.github.rankfold.cli.commands;

import io.github.rankfold.cli.console.TextTable;
import io.github.rankfold.compression.CodedSize;
import io.github.rankfold.compression.WeightStorage;
import io.github.rankfold.compression.factors.WeightFormat;
import io.github.rankfold.models.live.LiveModel;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.TypeConversionException;

/** How weights are stored: in how many bits, and in what form. */
final class StorageOptions {
  @Option(
      names = "--factors",
      paramLabel = "FORMAT",
      converter = FormatName.class,
      description =
          "Store the factors as float16, bfloat16 or int8 (with a scale for each channel), made"
              + " wider again in the graph by plain operations (default: as the kernels are).")
  private Optional<WeightFormat> factors = Optional.empty();

  @Option(
      names = "--kernels",
      paramLabel = "FORMAT",
      converter = FormatName.class,
      description = "The same for the kernels that are left whole.")
  private Optional<WeightFormat> kernels = Optional.empty();

  @Option(
      names = "--interpolative",
      description =
          "Factors with an identity as part of the second one, where that saves at least 5%% of"
              + " them: the same function with r^2 fewer parameters at rank r, and an operation or"
              + " two more. With a budget, or a --rule by the kernels alone, any rank below the full"
              + " one makes a kernel smaller then.")
  private boolean interpolative;

  /** Refuses what does not go together. */
  void check(CommandSpec command) {
    if (interpolative && factors.isPresent()) {
      throw new ParameterException(
          command.commandLine(),
          "expected --interpolative or --factors %s, found both".formatted(factors.get()));
    }
  }

  WeightStorage storage() {
    return new WeightStorage(factors, kernels, interpolative);
  }

  /**
   * The weights of the original, as it is and in the same formats without low rank, and of what was
   * written, by name; empty where everything is stored as it was.
   */
  Map<String, CodedSize> sizes(LiveModel original, LiveModel written) {
    Map<String, CodedSize> sizes = new LinkedHashMap<>();
    if (storage().isUnchanged()) {
      return sizes;
    }
    sizes.put("original", CodedSize.of(original));
    Set<WeightFormat> formats = new LinkedHashSet<>();
    factors.ifPresent(formats::add);
    kernels.ifPresent(formats::add);
    formats.forEach(
        format -> sizes.put("original as " + format, CodedSize.ofWhole(original, format)));
    sizes.put("compressed", CodedSize.of(written));
    return sizes;
  }

  /** What was written beside the original, in bytes: scales make parameters say little. */
  static String smaller(Map<String, CodedSize> sizes) {
    List<CodedSize> all = List.copyOf(sizes.values());
    return ForReading.bytes(all.get(0).bytes(), all.get(all.size() - 1).bytes());
  }

  static String table(Map<String, CodedSize> sizes) {
    TextTable table = TextTable.headed("weights", "bytes", "by deflate", "by entropy");
    sizes.forEach(
        (name, size) ->
            table.row(
                name,
                ForReading.bytes(size.bytes()),
                ForReading.bytes(size.deflated()),
                ForReading.bytes(size.entropy())));
    return table.text();
  }

  static List<Map<String, Object>> document(Map<String, CodedSize> sizes) {
    List<Map<String, Object>> rows = new ArrayList<>();
    sizes.forEach(
        (name, size) -> {
          Map<String, Object> row = new LinkedHashMap<>();
          row.put("weights", name);
          row.put("bytes", size.bytes());
          row.put("deflated_bytes", size.deflated());
          row.put("entropy_bytes", size.entropy());
          rows.add(row);
        });
    return rows;
  }

  /** picocli's own converter wants constants as they are spelt in Java. */
  static final class FormatName implements ITypeConverter<WeightFormat> {
    @Override
    public WeightFormat convert(String value) {
      for (WeightFormat format : WeightFormat.values()) {
        if (format.toString().equals(value.toLowerCase(Locale.ROOT))) {
          return format;
        }
      }
      throw new TypeConversionException(
          "expected float16, bfloat16 or int8, was '%s'".formatted(value));
    }
  }
}
