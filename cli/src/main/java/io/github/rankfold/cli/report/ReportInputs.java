package io.github.rankfold.cli.report;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.rankfold.models.InvalidInputException;
import io.github.rankfold.models.files.Json;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/**
 * The files of a run, and of the model made from it, as far as they exist.
 *
 * @param tables by kind; a kind without a file has no entry
 * @param documents the manifests and the summary, likewise
 */
public record ReportInputs(
    Map<ReportTable, CheckedTable> tables, Map<Document, JsonNode> documents) {

  /** Kinds of manifests in folders that a page is not made of. */
  private static final Set<String> OTHERS = Set.of("study", "merging", "forecast");

  /** The JSON files of a report. */
  public enum Document {
    RUN_MANIFEST("manifest.json"),
    SUMMARY("summary.json"),
    COMPRESSED_MANIFEST("manifest.json");

    private final String fileName;

    Document(String fileName) {
      this.fileName = fileName;
    }
  }

  public ReportInputs {
    if (tables.isEmpty() && documents.isEmpty()) {
      throw new IllegalArgumentException("expected at least one table or document, found none");
    }
    tables = Map.copyOf(tables);
    documents = Map.copyOf(documents);
  }

  /** As below, of a run whose analysis is in the same folder. */
  public static ReportInputs read(Path runFolder, Optional<Path> compressedFolder) {
    return read(runFolder, Optional.empty(), compressedFolder);
  }

  /**
   * Reads what the folders hold; a table of the run is taken from {@code analysisFolder} where it
   * has one, but collapse that was tracked during the training from the run. A folder that does not
   * exist, one without the table that makes it one, folders without a single known file, and a
   * malformed file are input errors.
   */
  public static ReportInputs read(
      Path runFolder, Optional<Path> analysisFolder, Optional<Path> compressed) {
    requireFolder(runFolder, "the run");
    analysisFolder.ifPresent(
        folder -> requireFolderWith(ReportTable.LAYERS, folder, "the analysis"));
    compressed.ifPresent(
        folder -> requireFolderWith(ReportTable.COMPRESSION, folder, "the compressed model"));
    // A compressed model may be all that there is; the manifest is its own then.
    boolean alone =
        compressed.isEmpty() && Files.exists(runFolder.resolve(ReportTable.COMPRESSION.fileName()));
    Optional<Path> compressedFolder = alone ? Optional.of(runFolder) : compressed;

    Map<ReportTable, CheckedTable> tables = new EnumMap<>(ReportTable.class);
    for (ReportTable kind : ReportTable.values()) {
      Stream<Path> folders =
          kind.folder() == ReportTable.Folder.RUN
              ? Stream.concat(analysisFolder.stream(), Stream.of(runFolder))
              : compressedFolder.stream();
      folders
          .map(parent -> parent.resolve(kind.fileName()))
          .filter(Files::exists)
          .map(file -> CheckedTable.read(file, kind))
          .reduce((first, second) -> isTracked(kind, second) ? second : first)
          .ifPresent(table -> tables.put(kind, table));
    }

    Map<Document, JsonNode> documents = new EnumMap<>(Document.class);
    if (!alone) {
      readDocument(runFolder, Document.RUN_MANIFEST, documents);
    }
    readDocument(runFolder, Document.SUMMARY, documents);
    compressedFolder.ifPresent(
        folder -> readDocument(folder, Document.COMPRESSED_MANIFEST, documents));

    String kind =
        Optional.ofNullable(documents.get(Document.RUN_MANIFEST))
            .map(manifest -> manifest.path("kind").asText())
            .orElse("");
    if (OTHERS.contains(kind)) {
      throw new InvalidInputException(
          "%s: expected a folder that train, analyze or compress wrote, found one of kind %s"
              .formatted(runFolder, kind));
    }
    if (tables.isEmpty() && documents.isEmpty()) {
      throw new InvalidInputException(
          runFolder
              + ": expected at least one file of a run (history.csv, layers.csv, spectra.csv,"
              + " collapse.csv, certificates.csv, manifest.json, summary.json), found none");
    }
    return new ReportInputs(tables, documents);
  }

  /** Collapse that was measured while the run was trained, which tells more than its end alone. */
  private static boolean isTracked(ReportTable kind, CheckedTable table) {
    return kind == ReportTable.COLLAPSE && table.largest("epoch").isPresent();
  }

  private static void requireFolder(Path folder, String whose) {
    if (!Files.isDirectory(folder)) {
      throw new InvalidInputException(
          "%s: expected the folder of %s, found %s"
              .formatted(folder, whose, Files.exists(folder) ? "a file" : "nothing"));
    }
  }

  /** A folder that only this one kind of it has a table of. */
  private static void requireFolderWith(ReportTable table, Path folder, String whose) {
    requireFolder(folder, whose);
    if (!Files.exists(folder.resolve(table.fileName()))) {
      throw new InvalidInputException(
          "%s: expected the folder of %s, found one without %s"
              .formatted(folder, whose, table.fileName()));
    }
  }

  private static void readDocument(
      Path folder, Document document, Map<Document, JsonNode> documents) {
    Path file = folder.resolve(document.fileName);
    if (Files.exists(file)) {
      documents.put(document, Json.read(file));
    }
  }

  Optional<CheckedTable> table(ReportTable kind) {
    return Optional.ofNullable(tables.get(kind));
  }

  Optional<JsonNode> document(Document document) {
    return Optional.ofNullable(documents.get(document));
  }

  /** Every layer that any table names, in the order of the first table that names it. */
  List<String> layers() {
    Set<String> names = new LinkedHashSet<>();
    for (ReportTable kind :
        List.of(
            ReportTable.LAYERS,
            ReportTable.SPECTRA,
            ReportTable.CERTIFICATES,
            ReportTable.COMPRESSION)) {
      table(kind).ifPresent(table -> names.addAll(table.distinct("layer")));
    }
    return new ArrayList<>(names);
  }
}
