package org.tdaplatform.streaming.evaluation;

import java.util.Arrays;
import org.tdaplatform.streaming.engine.EngineException;

/**
 * The engine's feature `robust-z-score` (docs/reference/features.md), computed here, without a call for each window: it takes nothing but comparisons and
 * +, −, ·, /, which IEEE 754 and the Java language define to the bit. A test holds it to the engine, bit for bit.
 */
final class RobustZScore {
  /** 1 / the upper quartile of the standard normal distribution. */
  private static final double NORMAL_CONSISTENCY = 1.482602218505602;

  private RobustZScore() {}

  /**
   * (x − median) / (1.4826… MAD).
   *
   * @param history finite
   * @return null: there is no history, or it has no spread
   * @throws EngineException `distance_overflow` where the spread or the score is beyond float64
   */
  static Double of(double[] history, double value) {
    if (history.length == 0) {
      return null;
    }
    double[] values = history.clone();
    double centre = median(values);
    for (int index = 0; index < values.length; index++) {
      values[index] = Math.abs(values[index] - centre);
    }
    double spread = NORMAL_CONSISTENCY * median(values);
    if (spread == 0) {
      return null;
    }
    double score = (value - centre) / spread;
    if (Double.isInfinite(spread) || !Double.isFinite(score)) {
      throw new EngineException("distance_overflow", "A distance or a sum of finite numbers is beyond float64.");
    }
    return score;
  }

  /** Sorts them. Halves are exact and their sum does not overflow. */
  private static double median(double[] values) {
    Arrays.sort(values);
    int middle = values.length / 2;
    return values.length % 2 == 1 ? values[middle] : values[middle - 1] / 2 + values[middle] / 2;
  }
}
