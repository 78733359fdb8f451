package org.tdaplatform.streaming.window;

import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.util.Map;

/** A key's state as bytes, behind a version of their form: states of earlier versions stay readable. */
public final class KeyStateSerializer {
  private static final int VERSION = 1;

  private KeyStateSerializer() {}

  public static void write(KeyState state, DataOutput out) throws IOException {
    out.writeByte(VERSION);
    out.writeInt(state.version);
    out.writeLong(state.watermark);
    out.writeLong(state.maxTime);
    out.writeLong(state.lastSeq);
    out.writeLong(state.nextWindowSeq);
    out.writeInt(state.batches.size());
    for (Map.Entry<BatchHistory.Part, byte[]> batch : state.batches.entries()) {
      out.writeUTF(batch.getKey().batchId());
      out.writeInt(batch.getKey().part());
      out.writeInt(batch.getValue().length);
      out.write(batch.getValue());
    }
    out.writeInt(state.windows.size());
    for (Window window : state.windows.values()) {
      out.writeLong(window.seq);
      out.writeLong(window.openedAt);
      out.writeLong(window.first);
      out.writeLong(window.last);
      out.writeInt(window.firings);
      out.writeBoolean(window.isPending);
    }
    writePoints(state.points, out);
  }

  private static void writePoints(TimeOrderedPoints points, DataOutput out) throws IOException {
    out.writeInt(points == null ? 0 : points.dimension());
    if (points == null) {
      return;
    }
    out.writeInt(points.size());
    for (int place = 0; place < points.size(); place++) {
      out.writeLong(points.time(place));
      for (int axis = 0; axis < points.dimension(); axis++) {
        out.writeDouble(points.coordinate(place, axis));
      }
    }
  }

  /**
   * @throws IOException also for a version that is not known
   */
  public static KeyState read(DataInput in) throws IOException {
    int version = in.readUnsignedByte();
    if (version != VERSION) {
      throw new IOException("State of a key in the unknown form " + version + ".");
    }
    KeyState state = new KeyState();
    state.version = in.readInt();
    state.watermark = in.readLong();
    state.maxTime = in.readLong();
    state.lastSeq = in.readLong();
    state.nextWindowSeq = in.readLong();
    for (int left = in.readInt(); left > 0; left--) {
      BatchHistory.Part part = new BatchHistory.Part(in.readUTF(), in.readInt());
      byte[] hash = new byte[in.readInt()];
      in.readFully(hash);
      state.batches.add(part, hash);
    }
    for (int left = in.readInt(); left > 0; left--) {
      Window window = new Window(in.readLong(), in.readLong(), in.readLong(), in.readLong());
      window.firings = in.readInt();
      state.windows.put(window.first, window);
      if (in.readBoolean()) {
        state.makePending(window);
      }
    }
    state.points = readPoints(in);
    return state;
  }

  private static TimeOrderedPoints readPoints(DataInput in) throws IOException {
    int dimension = in.readInt();
    if (dimension == 0) {
      return null;
    }
    TimeOrderedPoints points = new TimeOrderedPoints(dimension);
    double[] point = new double[dimension];
    for (int left = in.readInt(); left > 0; left--) {
      long time = in.readLong();
      for (int axis = 0; axis < dimension; axis++) {
        point[axis] = in.readDouble();
      }
      points.insert(time, point);
    }
    return points;
  }
}
