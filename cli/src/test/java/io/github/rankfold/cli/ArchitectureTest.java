package io.github.rankfold.cli;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.library.GeneralCodingRules;

/** What may know what across the modules: the command line sees them all. */
@AnalyzeClasses(
    packages = "io.github.rankfold",
    importOptions = ImportOption.DoNotIncludeTests.class)
class ArchitectureTest {
  private static final String MODELS = "io.github.rankfold.models..";
  private static final String TRAINING = "io.github.rankfold.training..";
  private static final String COLLAPSE = "io.github.rankfold.collapse..";
  private static final String COMPRESSION = "io.github.rankfold.compression..";
  private static final String CLI = "io.github.rankfold.cli..";

  @ArchTest
  static final ArchRule mathematicsUsesNoTensorFlow =
      noClasses()
          .that()
          .resideInAnyPackage(
              "io.github.rankfold.collapse.linalg..",
              "io.github.rankfold.collapse.statistics..",
              "io.github.rankfold.collapse.rank..")
          .should()
          .dependOnClassesThat()
          .resideInAPackage("org.tensorflow..");

  @ArchTest
  static final ArchRule modelsKnowNoStage =
      noClasses()
          .that()
          .resideInAPackage(MODELS)
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage(TRAINING, COLLAPSE, COMPRESSION, CLI);

  @ArchTest
  static final ArchRule trainingKnowsNoLaterStage =
      noClasses()
          .that()
          .resideInAPackage(TRAINING)
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage(COLLAPSE, COMPRESSION, CLI);

  @ArchTest
  static final ArchRule analysisKnowsNeitherTrainingNorCompression =
      noClasses()
          .that()
          .resideInAPackage(COLLAPSE)
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage(TRAINING, COMPRESSION, CLI);

  @ArchTest
  static final ArchRule compressionKnowsNoTraining =
      noClasses()
          .that()
          .resideInAPackage(COMPRESSION)
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage(TRAINING, CLI);

  /** Every package is a slice: a cycle within a module is a cycle between slices. */
  @ArchTest
  static final ArchRule packagesHaveNoCycles =
      slices().matching("io.github.rankfold.(**)").should().beFreeOfCycles();

  @ArchTest
  static final ArchRule onlyTheCommandLinePrints =
      noClasses()
          .that()
          .resideOutsideOfPackage(CLI)
          .should(GeneralCodingRules.ACCESS_STANDARD_STREAMS);

  @ArchTest
  static final ArchRule noJavaLogging = GeneralCodingRules.NO_CLASSES_SHOULD_USE_JAVA_UTIL_LOGGING;

  /** A thing is named for what it does. */
  @ArchTest
  static final ArchRule noNamesThatSayNothing =
      noClasses()
          .should()
          .haveNameMatching(".*(Utils?|Helpers?|Impl|Common|Manager)(\\$.*)?")
          .orShould()
          .haveNameMatching(".*\\.Abstract[A-Z].*")
          .orShould()
          .resideInAnyPackage("..util..", "..common..", "..helper..", "..impl..");
}
