package org.tdaplatform.streaming.engine;

/** What the engine computes besides diagrams: docs/reference/features.md. The order of the numbers is that of `tda_compute_packed_features`. */
public final class Feature {
  static final int HEAD_NUMBERS = 24;
  private static final double[] NOTHING = {};

  private final double[] head = new double[HEAD_NUMBERS];
  private final double[] first;
  private final double[] second;

  private Feature(int kind, double[] first, int firstWidth, double[] second, int secondWidth) {
    this.first = first;
    this.second = second;
    head[0] = kind;
    head[1] = first.length / firstWidth;
    head[2] = second.length / secondWidth;
    head[4] = Double.NaN; // essential_death: none
    head[5] = 1; // order
    head[8] = 2; // minkowski_p
    head[9] = 1; // dimension
    head[10] = 1; // delay
    head[11] = 1; // skip
    head[14] = 1; // grid_points
    head[15] = 1; // levels
    head[18] = 1; // persistence_points
    head[19] = 1; // bandwidth
    head[20] = 1; // points
  }

  private static Feature ofDiagram(int kind, double[] diagram) {
    return new Feature(kind, diagram, 2, NOTHING, 2);
  }

  private Feature grid(double start, double end, int points) {
    head[12] = start;
    head[13] = end;
    head[14] = points;
    return this;
  }

  public static Feature bottleneckDistance(double[] first, double[] second) {
    return new Feature(0, first, 2, second, 2);
  }

  /** With the norm `infinity`. */
  public static Feature wassersteinDistance(double[] first, double[] second, double order) {
    Feature feature = new Feature(1, first, 2, second, 2);
    feature.head[5] = order;
    return feature;
  }

  /** Of order 1. */
  public static Feature totalPersistence(double[] diagram) {
    return ofDiagram(2, diagram);
  }

  public static Feature persistenceEntropy(double[] diagram) {
    return ofDiagram(3, diagram);
  }

  public static Feature bettiCurve(double[] diagram, double end, int points) {
    return ofDiagram(4, diagram).grid(0, end, points);
  }

  public static Feature landscape(double[] diagram, double end, int points, int levels) {
    Feature feature = ofDiagram(5, diagram).grid(0, end, points);
    feature.head[15] = levels;
    return feature;
  }

  public static Feature takensEmbedding(double[] series, int columns, int dimension, int delay, int skip) {
    Feature feature = new Feature(7, series, columns, NOTHING, 1);
    feature.head[3] = columns;
    feature.head[9] = dimension;
    feature.head[10] = delay;
    feature.head[11] = skip;
    return feature;
  }

  /** Euclidean. The values: the largest distance of a point from the sample, then its rows, ascending. */
  public static Feature farthestPoints(double[] points, int columns, int count) {
    Feature feature = new Feature(8, points, columns, NOTHING, 1);
    feature.head[3] = columns;
    feature.head[8] = 0;
    feature.head[20] = count;
    return feature;
  }

  public static Feature robustZScore(double[] history, double[] numbers) {
    return new Feature(9, history, 1, numbers, 1);
  }

  int length() {
    return HEAD_NUMBERS + first.length + second.length;
  }

  /** Writes the feature's numbers at a place; returns the place behind them. */
  int write(double[] numbers, int place) {
    System.arraycopy(head, 0, numbers, place, HEAD_NUMBERS);
    System.arraycopy(first, 0, numbers, place + HEAD_NUMBERS, first.length);
    System.arraycopy(second, 0, numbers, place + HEAD_NUMBERS + first.length, second.length);
    return place + length();
  }
}
