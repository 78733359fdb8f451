package org.tdaplatform.streaming.window;

/** A window of a key that is open or may still be revised. */
final class Window {
  final long seq;
  final long openedAt;
  /** Start of a time window, first point of a session; not used by count windows. */
  long first;
  /** Of a session: its last point. Of a time window: its start. */
  long last;
  /** Firings so far: the next one is the revision of this number. */
  int firings;
  boolean isPending;

  Window(long seq, long openedAt, long first, long last) {
    this.seq = seq;
    this.openedAt = openedAt;
    this.first = first;
    this.last = last;
  }
}
