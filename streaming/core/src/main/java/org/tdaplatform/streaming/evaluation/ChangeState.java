package org.tdaplatform.streaming.evaluation;

import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** What a key and version remember for the change score and the alerts: `changes` in docs/reference/stream-semantics.md. */
public final class ChangeState {
  private static final int VERSION = 1;
  private static final int REMEMBERED_RESULTS = 64;

  /** Counters of an alert rule: windows in a row that counted, and windows in which there is no alert. */
  static final class RuleState {
    int run;
    int rest;
  }

  /** By window_seq, in the newest revision; infinite deaths are the window's threshold. */
  private final TreeMap<Long, List<double[]>> results = new TreeMap<>();
  private final ArrayDeque<Double> history = new ArrayDeque<>();
  private final List<RuleState> rules = new ArrayList<>();
  private int rememberedNumbers;

  /** Diagrams of the result before a window's; null: there is none. */
  List<double[]> before(long windowSeq) {
    Map.Entry<Long, List<double[]>> entry = results.lowerEntry(windowSeq);
    return entry == null ? null : entry.getValue();
  }

  void remember(long windowSeq, List<double[]> diagrams) {
    List<double[]> replaced = results.put(windowSeq, diagrams);
    rememberedNumbers += numbersOf(diagrams) - (replaced == null ? 0 : numbersOf(replaced));
    if (results.size() > REMEMBERED_RESULTS) {
      rememberedNumbers -= numbersOf(results.pollFirstEntry().getValue());
    }
  }

  private static int numbersOf(List<double[]> diagrams) {
    return diagrams.stream().mapToInt(diagram -> diagram.length).sum();
  }

  /** Births and deaths that are held, for what its memory is counted by. */
  public int rememberedNumbers() {
    return rememberedNumbers;
  }

  /** The last distances, oldest first. */
  double[] history() {
    return history.stream().mapToDouble(Double::doubleValue).toArray();
  }

  void join(double distance, int limit) {
    history.addLast(distance);
    while (history.size() > limit) {
      history.removeFirst();
    }
  }

  RuleState rule(int index) {
    while (rules.size() <= index) {
      rules.add(new RuleState());
    }
    return rules.get(index);
  }

  /** A window's diagrams, with its threshold where a class never dies. */

  static List<double[]> finite(List<double[]> diagrams, double threshold) {
    List<double[]> finite = new ArrayList<>(diagrams.size());
    for (double[] diagram : diagrams) {
      double[] copy = diagram.clone();
      for (int place = 1; place < copy.length; place += 2) {
        if (copy[place] == Double.POSITIVE_INFINITY) {
          copy[place] = threshold;
        }
      }
      finite.add(copy);
    }
    return finite;
  }

  public void write(DataOutput out) throws IOException {
    out.writeByte(VERSION);
    out.writeInt(results.size());
    for (Map.Entry<Long, List<double[]>> result : results.entrySet()) {
      out.writeLong(result.getKey());
      out.writeInt(result.getValue().size());
      for (double[] diagram : result.getValue()) {
        writeDoubles(diagram, out);
      }
    }
    writeDoubles(history(), out);
    out.writeInt(rules.size());
    for (RuleState rule : rules) {
      out.writeInt(rule.run);
      out.writeInt(rule.rest);
    }
  }

  /**
   * @throws IOException also for a version that is not known
   */
  public static ChangeState read(DataInput in) throws IOException {
    int version = in.readUnsignedByte();
    if (version != VERSION) {
      throw new IOException("Changes of a key in the unknown form " + version + ".");
    }
    ChangeState state = new ChangeState();
    for (int left = in.readInt(); left > 0; left--) {
      long windowSeq = in.readLong();
      int dimensions = in.readInt();
      List<double[]> diagrams = new ArrayList<>(dimensions);
      for (int dimension = 0; dimension < dimensions; dimension++) {
        diagrams.add(readDoubles(in));
      }
      state.remember(windowSeq, diagrams);
    }
    for (double distance : readDoubles(in)) {
      state.history.addLast(distance);
    }
    for (int left = in.readInt(), index = 0; index < left; index++) {
      RuleState rule = state.rule(index);
      rule.run = in.readInt();
      rule.rest = in.readInt();
    }
    return state;
  }

  private static void writeDoubles(double[] values, DataOutput out) throws IOException {
    out.writeInt(values.length);
    for (double value : values) {
      out.writeDouble(value);
    }
  }

  private static double[] readDoubles(DataInput in) throws IOException {
    double[] values = new double[in.readInt()];
    for (int index = 0; index < values.length; index++) {
      values[index] = in.readDouble();
    }
    return values;
  }
}
