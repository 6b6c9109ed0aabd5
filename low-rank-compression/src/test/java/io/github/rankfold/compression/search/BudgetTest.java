package io.github.rankfold.compression.search;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.OptionalDouble;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;

class BudgetTest {
  private static final PlannedSize BEFORE = new PlannedSize(1000, 4000, 5000);
  private static final PlannedSize AFTER = new PlannedSize(250, 1000, 2000);

  private static Budget budget(double ratio, long parameters, long bytes, long multiplyAdds) {
    return new Budget(
        OptionalDouble.empty(),
        false,
        ratio > 0 ? OptionalDouble.of(ratio) : OptionalDouble.empty(),
        limit(parameters),
        limit(bytes),
        limit(multiplyAdds));
  }

  private static OptionalLong limit(long value) {
    return value != 0 ? OptionalLong.of(value) : OptionalLong.empty();
  }

  @Test
  void everyLimitThatIsSetMustHold() {
    assertTrue(budget(4, 0, 0, 0).allows(BEFORE, AFTER), "exactly");
    assertFalse(budget(4.01, 0, 0, 0).allows(BEFORE, AFTER));
    assertTrue(budget(0, 250, 0, 0).allows(BEFORE, AFTER));
    assertFalse(budget(0, 249, 0, 0).allows(BEFORE, AFTER));
    assertFalse(budget(0, 0, 999, 0).allows(BEFORE, AFTER));
    assertFalse(budget(0, 0, 0, 1999).allows(BEFORE, AFTER));
    assertTrue(budget(4, 250, 1000, 2000).allows(BEFORE, AFTER));
    assertFalse(budget(4, 250, 1000, 1999).allows(BEFORE, AFTER));
    assertTrue(Budget.maxDrop(0.5).allows(BEFORE, BEFORE), "nothing must be saved");
  }

  @Test
  void theMeasuredDropCountsAndWithStrictThePromisedOne() {
    Drop drop = new Drop(0.4, OptionalDouble.of(0.7), 1000);
    assertTrue(Budget.maxDrop(0.4).allows(drop));
    assertFalse(Budget.maxDrop(0.39).allows(drop));
    Budget strict =
        new Budget(
            OptionalDouble.of(0.5),
            true,
            OptionalDouble.empty(),
            OptionalLong.empty(),
            OptionalLong.empty(),
            OptionalLong.empty());
    assertFalse(strict.allows(drop));
    assertTrue(strict.allows(new Drop(0.1, OptionalDouble.of(0.5), 1000)));
    assertTrue(Budget.ratio(2).allows(drop), "no drop is too much");
    assertEquals("max-drop:0.5:strict", strict.text());
  }

  @Test
  void multiplyAddsAreSavedFirstOnlyWhereNothingElseIsAskedFor() {
    assertEquals(Cost.MULTIPLY_ADDS, budget(0, 0, 0, 10).cost());
    assertEquals(Cost.PARAMETERS, budget(2, 0, 0, 10).cost());
    assertEquals(Cost.PARAMETERS, budget(0, 0, 10, 10).cost());
    assertEquals(Cost.PARAMETERS, Budget.maxDrop(1).cost());
  }

  @Test
  void budgetsThatAreNone() {
    assertThrows(IllegalArgumentException.class, () -> Budget.maxDrop(-0.1));
    assertThrows(IllegalArgumentException.class, () -> Budget.maxDrop(Double.NaN));
    assertThrows(IllegalArgumentException.class, () -> Budget.ratio(0.9));
    assertThrows(IllegalArgumentException.class, () -> budget(0, -1, 0, 0));
    assertEquals(
        "expected a budget, found none",
        assertThrows(IllegalArgumentException.class, () -> budget(0, 0, 0, 0)).getMessage());
  }

  @Test
  void textIsAsTheCommandLineHasIt() {
    assertEquals("max-drop:0.5", Budget.maxDrop(0.5).text());
    assertEquals("ratio:4", Budget.ratio(4).text());
    assertEquals("ratio:2 parameters:10 bytes:40 multiply-adds:7", budget(2, 10, 40, 7).text());
  }
}
