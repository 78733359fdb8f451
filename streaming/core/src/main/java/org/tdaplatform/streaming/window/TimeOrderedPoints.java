package org.tdaplatform.streaming.window;

import java.util.Arrays;

/** A key's points, by event time and then by arrival: coordinates of one dimension, in growing arrays from whose front points are dropped. */
public final class TimeOrderedPoints {
  private static final int FIRST_CAPACITY = 16;

  private final int dimension;
  private long[] times = new long[FIRST_CAPACITY];
  private double[] coordinates;
  private int first;
  private int end;

  public TimeOrderedPoints(int dimension) {
    this.dimension = dimension;
    coordinates = new double[FIRST_CAPACITY * dimension];
  }

  public int size() {
    return end - first;
  }

  public int dimension() {
    return dimension;
  }

  /** Event time of the point at a place from 0. */
  public long time(int place) {
    return times[first + place];
  }

  public double coordinate(int place, int axis) {
    return coordinates[(first + place) * dimension + axis];
  }

  /** The place of the first point at or after a time; {@link #size()} where there is none. */
  public int lowerBound(long time) {
    int low = first;
    int high = end;
    while (low < high) {
      int middle = (low + high) >>> 1;
      if (times[middle] < time) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return low - first;
  }

  /** Behind all points of this time or earlier: they came before it. */
  public void insert(long time, double[] point) {
    makeRoom();
    int place = time == Long.MAX_VALUE ? end : first + lowerBound(time + 1);
    System.arraycopy(times, place, times, place + 1, end - place);
    System.arraycopy(coordinates, place * dimension, coordinates, (place + 1) * dimension, (end - place) * dimension);
    times[place] = time;
    System.arraycopy(point, 0, coordinates, place * dimension, dimension);
    end++;
  }

  /** Coordinates of the points from one place to before another, row by row. */
  public double[] rows(int from, int to) {
    return Arrays.copyOfRange(coordinates, (first + from) * dimension, (first + to) * dimension);
  }

  public void dropFirst(int count) {
    first += count;
    if (first == end) {
      first = 0;
      end = 0;
    }
  }

  public void clear() {
    first = 0;
    end = 0;
  }

  private void makeRoom() {
    if (end < times.length) {
      return;
    }
    int size = size();
    // Half of the room dropped at the front is worth a move; otherwise arrays twice as long.
    boolean isMoved = first > times.length / 2;
    long[] newTimes = isMoved ? times : new long[2 * times.length];
    double[] newCoordinates = isMoved ? coordinates : new double[2 * coordinates.length];
    System.arraycopy(times, first, newTimes, 0, size);
    System.arraycopy(coordinates, first * dimension, newCoordinates, 0, size * dimension);
    times = newTimes;
    coordinates = newCoordinates;
    first = 0;
    end = size;
  }
}
