package org.tdaplatform.streaming.engine;

/**
 * Exact Vietoris–Rips persistence of points: Euclidean, float64, over Z/2, on one thread.
 *
 * @param points row-major
 * @param threshold +∞: the enclosing radius
 * @param memoryLimitBytes 0: none
 */
public record RipsRequest(double[] points, int rows, int columns, int maxDimension, double threshold, long memoryLimitBytes) {}
