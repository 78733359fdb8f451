package org.tdaplatform.streaming.codec;

import java.util.AbstractList;
import java.util.List;
import java.util.RandomAccess;

/** Arrays of doubles as Avro has them in memory. */
public final class Doubles {
  private static final class View extends AbstractList<Double> implements RandomAccess {
    private final double[] values;

    View(double[] values) {
      this.values = values;
    }

    @Override
    public Double get(int index) {
      return values[index];
    }

    @Override
    public int size() {
      return values.length;
    }
  }

  private Doubles() {}

  /** A view: the array must not change. */
  public static List<Double> asList(double[] values) {
    return new View(values);
  }
}
