package org.tdaplatform.streaming.engine;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;

/** Frames that a parent sends, as bytes. */
final class RequestFrames {
  private static final int POINTS = 0;
  private static final int FLOAT64 = 1;
  private static final int EDGE_COLLAPSE_AUTO = 0;
  private static final int EDGE_COLLAPSE_OFF = 2;

  private RequestFrames() {}

  static ByteBuffer vietorisRips(long requestId, RipsRequest request) {
    ByteBuffer frame = frame(requestId, FrameLayout.VIETORIS_RIPS, request.points());
    int head = FrameLayout.HEADER_BYTES;
    frame.putInt(head + 20, request.maxDimension());
    frame.putLong(head + 32, request.rows());
    frame.putLong(head + 40, request.columns());
    frame.putDouble(head + 56, request.threshold());
    frame.putInt(head + 68, EDGE_COLLAPSE_AUTO);
    frame.putLong(head + 80, request.memoryLimitBytes());
    return frame;
  }

  static ByteBuffer features(long requestId, List<Feature> features, long memoryLimitBytes) {
    double[] numbers = new double[features.stream().mapToInt(Feature::length).sum()];
    int place = 0;
    for (Feature feature : features) {
      place = feature.write(numbers, place);
    }
    ByteBuffer frame = frame(requestId, FrameLayout.FEATURES, numbers);
    int head = FrameLayout.HEADER_BYTES;
    frame.putLong(head + 32, numbers.length);
    frame.putLong(head + 40, 1);
    frame.putDouble(head + 56, Double.POSITIVE_INFINITY);
    frame.putInt(head + 68, EDGE_COLLAPSE_OFF);
    frame.putLong(head + 80, memoryLimitBytes);
    return frame;
  }

  static ByteBuffer cancel(long requestId) {
    return header(FrameLayout.CANCEL, requestId);
  }

  static ByteBuffer ping() {
    return header(FrameLayout.PING, 0);
  }

  private static ByteBuffer header(int type, long requestId) {
    ByteBuffer frame = ByteBuffer.allocate(FrameLayout.HEADER_BYTES).order(ByteOrder.LITTLE_ENDIAN);
    putHeader(frame, type, requestId, 0);
    return frame;
  }

  /** A request with one array of float64. Everything that is 0 in it is so by the protocol's numbers: Euclidean, exact, no representatives. */
  private static ByteBuffer frame(long requestId, int operation, double[] values) {
    int bytes = Math.multiplyExact(values.length, Double.BYTES);
    int padded = Math.addExact(bytes, FrameLayout.ARRAY_ALIGNMENT - 1) / FrameLayout.ARRAY_ALIGNMENT * FrameLayout.ARRAY_ALIGNMENT;
    int payload = Math.addExact(FrameLayout.REQUEST_HEAD_BYTES, padded);
    ByteBuffer frame = ByteBuffer.allocate(Math.addExact(FrameLayout.HEADER_BYTES, payload)).order(ByteOrder.LITTLE_ENDIAN);
    putHeader(frame, FrameLayout.REQUEST, requestId, payload);
    int head = FrameLayout.HEADER_BYTES;
    frame.putInt(head, operation);
    frame.putInt(head + 4, FrameLayout.REQUEST_HEAD_BYTES);
    frame.putInt(head + 8, POINTS);
    frame.putInt(head + 12, FLOAT64);
    frame.putInt(head + 64, 2); // coefficient field
    frame.putInt(head + 76, 1); // threads
    if (bytes > 0) {
      frame.putLong(head + 96, FrameLayout.REQUEST_HEAD_BYTES);
      frame.putLong(head + 104, bytes);
      frame.position(head + FrameLayout.REQUEST_HEAD_BYTES);
      frame.asDoubleBuffer().put(values);
      frame.position(0);
    }
    return frame;
  }

  private static void putHeader(ByteBuffer frame, int type, long requestId, long payloadBytes) {
    frame.putInt(0, FrameLayout.MAGIC);
    frame.putShort(4, (short) FrameLayout.PROTOCOL_VERSION);
    frame.putShort(6, (short) type);
    frame.putLong(8, requestId);
    frame.putLong(16, payloadBytes);
  }
}
