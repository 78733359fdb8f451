package org.tdaplatform.streaming.window;

import java.util.Map;
import org.tdaplatform.events.StreamDefinition;

/** Tumbling and sliding windows: [start, start + size) with start a multiple of the slide. */
final class TimeWindows implements WindowKind {
  static final TimeWindows INSTANCE = new TimeWindows();

  private TimeWindows() {}

  private static long lastStart(StreamDefinition definition, long time) {
    return Math.floorDiv(time, definition.getSlideMs()) * definition.getSlideMs();
  }

  /** Of the windows that contain the time. */
  private static long firstStart(StreamDefinition definition, long time) {
    long slide = definition.getSlideMs();
    return Math.floorDiv(time - definition.getSizeMs(), slide) * slide + slide;
  }

  private static boolean isClosed(KeyState state, StreamDefinition definition, long start) {
    return start + definition.getSizeMs() + definition.getAllowedLatenessMs() <= state.watermark;
  }

  private static boolean isFinal(KeyState state, StreamDefinition definition, long start) {
    Window window = state.windows.get(start);
    return window != null && window.firings > definition.getMaxRevisions();
  }

  @Override
  public Verdict judge(KeyState state, StreamDefinition definition, long time) {
    Verdict verdict = Verdict.WINDOW_CLOSED;
    long last = lastStart(definition, time);
    for (long start = firstStart(definition, time); start <= last; start += definition.getSlideMs()) {
      if (isClosed(state, definition, start)) {
        continue;
      }
      if (!isFinal(state, definition, start)) {
        return Verdict.TAKEN;
      }
      verdict = Verdict.REVISIONS_EXHAUSTED;
    }
    return verdict;
  }

  @Override
  public void take(KeyState state, StreamDefinition definition, long time, long receivedAt, Firings firings) {
    long last = lastStart(definition, time);
    for (long start = firstStart(definition, time); start <= last; start += definition.getSlideMs()) {
      if (isClosed(state, definition, start) || isFinal(state, definition, start)) {
        continue;
      }
      Window window = state.windows.get(start);
      state.makePending(window == null ? state.open(receivedAt, start) : window);
    }
  }

  @Override
  public boolean hasWatermark() {
    return true;
  }

  @Override
  public boolean isDue(KeyState state, StreamDefinition definition, Window window) {
    return end(state, definition, window) <= state.watermark;
  }

  @Override
  public long start(KeyState state, Window window) {
    return window.first;
  }

  @Override
  public long end(KeyState state, StreamDefinition definition, Window window) {
    return window.first + definition.getSizeMs();
  }

  @Override
  public int fromPlace(KeyState state, Window window) {
    return state.points.lowerBound(window.first);
  }

  @Override
  public int toPlace(KeyState state, StreamDefinition definition, Window window) {
    return state.points.lowerBound(end(state, definition, window));
  }

  @Override
  public void drop(KeyState state, StreamDefinition definition) {
    Map.Entry<Long, Window> oldest = state.windows.firstEntry();
    while (oldest != null && isClosed(state, definition, oldest.getKey())) {
      state.remove(oldest.getValue());
      oldest = state.windows.firstEntry();
    }
    int count = 0;
    while (count < state.points.size() && isClosed(state, definition, lastStart(definition, state.points.time(count)))) {
      count++;
    }
    state.points.dropFirst(count);
  }
}
