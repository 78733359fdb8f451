package org.tdaplatform.streaming.evaluation;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.tdaplatform.streaming.EngineFiles;
import org.tdaplatform.streaming.engine.Engine;
import org.tdaplatform.streaming.engine.EngineException;
import org.tdaplatform.streaming.engine.EnginePool;
import org.tdaplatform.streaming.engine.Feature;
import org.tdaplatform.streaming.engine.HostEvents;

class RobustZScoreTest {
  private static Object ofEngine(Engine engine, double[] history, double value) {
    try {
      double[] values = engine.features(List.of(Feature.robustZScore(history, new double[] {value})), 0).get(0);
      return values.length == 0 ? "none" : (Object) Double.doubleToRawLongBits(values[0]);
    } catch (EngineException refusal) {
      return refusal.code();
    }
  }

  private static Object ofOurs(double[] history, double value) {
    try {
      Double score = RobustZScore.of(history, value);
      return score == null ? "none" : (Object) Double.doubleToRawLongBits(score);
    } catch (EngineException refusal) {
      return refusal.code();
    }
  }

  @Test
  void theSameBitsAsTheEngine() {
    Random random = new Random(6);
    try (EnginePool pool = new EnginePool(EngineFiles.settings(1), HostEvents.NONE)) {
      pool.submit(
              engine -> {
                for (int round = 0; round < 5_000; round++) {
                  double[] history = new double[random.nextInt(12)];
                  // Ties, tiny numbers and huge ones: a spread of 0, a rounding in every step, an overflow.
                  double scale = Math.scalb(1.0, random.nextInt(2_098) - 1_074);
                  for (int index = 0; index < history.length; index++) {
                    history[index] = random.nextBoolean() ? random.nextInt(3) : random.nextDouble() * scale;
                  }
                  double value = random.nextBoolean() ? random.nextInt(3) : random.nextDouble() * Double.MAX_VALUE;
                  assertEquals(ofEngine(engine, history, value), ofOurs(history, value));
                }
                return null;
              })
          .join();
    }
  }

  @Test
  void noHistoryOrNoSpreadIsNoScore() {
    assertEquals(null, RobustZScore.of(new double[0], 1));
    assertEquals(null, RobustZScore.of(new double[] {2, 2, 2, 9}, 5));
    assertThrows(EngineException.class, () -> RobustZScore.of(new double[] {0, Double.MIN_VALUE, 4}, Double.MAX_VALUE));
  }
}
