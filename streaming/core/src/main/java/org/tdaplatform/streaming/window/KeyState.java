package org.tdaplatform.streaming.window;

import java.util.Map;
import java.util.TreeMap;

/** State of one key of one stream, without what is remembered for changes: docs/reference/stream-semantics.md, "A key". */
public final class KeyState {
  /** Of a watermark or a greatest time: there is none yet. */
  static final long NEVER = Long.MIN_VALUE;

  /** 0: none. */
  int version;
  long watermark = NEVER;
  long maxTime = NEVER;
  long lastSeq;
  long nextWindowSeq;
  final BatchHistory batches = new BatchHistory();
  /** By {@link Window#first}, and so by end: windows of one length, or sessions that do not touch. */
  final TreeMap<Long, Window> windows = new TreeMap<>();
  /** Those of the windows that are pending. */
  final TreeMap<Long, Window> pending = new TreeMap<>();
  /** null: no point yet in this version. */
  TimeOrderedPoints points;

  public int version() {
    return version;
  }

  /** Points consumed so far. */
  public long lastSeq() {
    return lastSeq;
  }

  public boolean hasPendingWindows() {
    return !pending.isEmpty();
  }

  /** Of the points that are held. */
  public long pointBytes() {
    return points == null ? 0 : (long) points.size() * (Long.BYTES + Double.BYTES * points.dimension());
  }

  Window open(long openedAt, long first) {
    Window window = new Window(nextWindowSeq++, openedAt, first, first);
    windows.put(first, window);
    return window;
  }

  void makePending(Window window) {
    window.isPending = true;
    pending.put(window.first, window);
  }

  void fired(Window window) {
    window.isPending = false;
    window.firings++;
    pending.remove(window.first);
  }

  void remove(Window window) {
    windows.remove(window.first);
    pending.remove(window.first);
  }

  void beginVersion(int newVersion) {
    version = newVersion;
    watermark = NEVER;
    maxTime = NEVER;
    windows.clear();
    pending.clear();
    points = null;
  }

  /** The pending window that fires first; null: none is pending. */
  Window firstPending() {
    Map.Entry<Long, Window> entry = pending.firstEntry();
    return entry == null ? null : entry.getValue();
  }
}
