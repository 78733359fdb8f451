package org.tdaplatform.streaming.window;

import org.tdaplatform.events.StreamDefinition;

/** What one kind of windows makes of a point: a file for each kind. Stateless. */
interface WindowKind {
  /** Whether a point is taken, and if not, why. */
  enum Verdict {
    TAKEN,
    WINDOW_CLOSED,
    REVISIONS_EXHAUSTED
  }

  /** Changes nothing. */
  Verdict judge(KeyState state, StreamDefinition definition, long time);

  /** Gives the point to its windows, which become pending; it has been taken, and is not among the points yet. */
  void take(KeyState state, StreamDefinition definition, long time, long receivedAt, Firings firings);

  /** Whether event time moves a watermark. */
  boolean hasWatermark();

  /** Whether a pending window fires now, after a point. */
  boolean isDue(KeyState state, StreamDefinition definition, Window window);

  long start(KeyState state, Window window);

  /** Not in the window, but of a count window its greatest time. */
  long end(KeyState state, StreamDefinition definition, Window window);

  /** Places of the window's points among the key's: from the first to before the second. */
  int fromPlace(KeyState state, Window window);

  int toPlace(KeyState state, StreamDefinition definition, Window window);

  /** Drops windows that are over and points that no window holds or can still hold. */
  void drop(KeyState state, StreamDefinition definition);

  static WindowKind of(StreamDefinition definition) {
    return switch (definition.getWindowType()) {
      case tumbling, sliding -> TimeWindows.INSTANCE;
      case session -> SessionWindows.INSTANCE;
      case count -> CountWindows.INSTANCE;
    };
  }

  /** Where retractions go. */
  interface Firings {
    void retract(Window absorbed, long start, long end, long supersededBy);
  }
}
