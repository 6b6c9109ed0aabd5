package io.github.rankfold.cli.commands;

import io.github.rankfold.compression.WeightFormat;
import io.github.rankfold.compression.WeightStorage;
import java.util.Locale;
import java.util.Optional;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Option;
import picocli.CommandLine.TypeConversionException;

/** In how many bits weights are stored. */
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

  WeightStorage storage() {
    return new WeightStorage(factors, kernels);
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
