package io.github.rankfold.collapse;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

/** What may know what inside this module. */
@AnalyzeClasses(
    packagesOf = ArchitectureTest.class,
    importOptions = ImportOption.DoNotIncludeTests.class)
class ArchitectureTest {
  private static final String LINALG = "io.github.rankfold.collapse.linalg..";
  private static final String STATISTICS = "io.github.rankfold.collapse.statistics..";
  private static final String RANK = "io.github.rankfold.collapse.rank..";

  @ArchTest
  static final ArchRule mathematicsUsesNoTensorFlow =
      noClasses()
          .that()
          .resideInAnyPackage(LINALG, STATISTICS, RANK)
          .should()
          .dependOnClassesThat()
          .resideInAPackage("org.tensorflow..");

  @ArchTest
  static final ArchRule onlyLinearAlgebraCallsBlas =
      noClasses()
          .that()
          .resideOutsideOfPackage(LINALG)
          .should()
          .dependOnClassesThat()
          .resideInAPackage("org.bytedeco..");

  @ArchTest
  static final ArchRule linearAlgebraKnowsNobody =
      noClasses()
          .that()
          .resideInAPackage(LINALG)
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage(STATISTICS, RANK);

  @ArchTest
  static final ArchRule statisticsDoNotKnowTheirUse =
      noClasses()
          .that()
          .resideInAPackage(STATISTICS)
          .should()
          .dependOnClassesThat()
          .resideInAPackage(RANK);
}
