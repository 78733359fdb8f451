package org.tdaplatform.streaming.window;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import org.tdaplatform.events.StreamDefinition;

/** Sessions [first, last + gap): times closer than the gap join, equal to it separate. */
final class SessionWindows implements WindowKind {
  static final SessionWindows INSTANCE = new SessionWindows();

  private SessionWindows() {}

  /** The sessions that a point of this time joins, lowest seq first: at most the one before it and the one after it. */
  private static List<Window> joined(KeyState state, StreamDefinition definition, long time) {
    List<Window> sessions = new ArrayList<>(2);
    Map.Entry<Long, Window> before = state.windows.floorEntry(time);
    if (before != null && time < before.getValue().last + definition.getGapMs()) {
      sessions.add(before.getValue());
    }
    Map.Entry<Long, Window> after = state.windows.higherEntry(time);
    if (after != null && after.getValue().first - definition.getGapMs() < time) {
      sessions.add(after.getValue());
    }
    sessions.sort(Comparator.comparingLong(window -> window.seq));
    return sessions;
  }

  @Override
  public Verdict judge(KeyState state, StreamDefinition definition, long time) {
    List<Window> sessions = joined(state, definition, time);
    if (sessions.isEmpty()) {
      long end = time + definition.getGapMs() + definition.getAllowedLatenessMs();
      return end <= state.watermark ? Verdict.WINDOW_CLOSED : Verdict.TAKEN;
    }
    boolean isFinal = sessions.get(0).firings > definition.getMaxRevisions();
    return isFinal ? Verdict.REVISIONS_EXHAUSTED : Verdict.TAKEN;
  }

  @Override
  public void take(KeyState state, StreamDefinition definition, long time, long receivedAt, Firings firings) {
    List<Window> sessions = joined(state, definition, time);
    if (sessions.isEmpty()) {
      state.makePending(state.open(receivedAt, time));
      return;
    }
    Window kept = sessions.get(0);
    long first = Math.min(time, kept.first);
    long last = Math.max(time, kept.last);
    state.remove(kept);
    for (Window absorbed : sessions.subList(1, sessions.size())) {
      first = Math.min(first, absorbed.first);
      last = Math.max(last, absorbed.last);
      state.remove(absorbed);
      if (absorbed.firings > 0) {
        firings.retract(absorbed, absorbed.first, absorbed.last + definition.getGapMs(), kept.seq);
      }
    }
    kept.first = first;
    kept.last = last;
    state.windows.put(first, kept);
    state.makePending(kept);
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
    return window.last + definition.getGapMs();
  }

  @Override
  public int fromPlace(KeyState state, Window window) {
    return state.points.lowerBound(window.first);
  }

  @Override
  public int toPlace(KeyState state, StreamDefinition definition, Window window) {
    return state.points.lowerBound(window.last + 1);
  }

  @Override
  public void drop(KeyState state, StreamDefinition definition) {
    Map.Entry<Long, Window> oldest = state.windows.firstEntry();
    while (oldest != null) {
      Window window = oldest.getValue();
      if (end(state, definition, window) + definition.getAllowedLatenessMs() > state.watermark) {
        return;
      }
      state.points.dropFirst(toPlace(state, definition, window));
      state.remove(window);
      oldest = state.windows.firstEntry();
    }
  }
}
