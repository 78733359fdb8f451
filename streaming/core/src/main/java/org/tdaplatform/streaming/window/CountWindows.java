package org.tdaplatform.streaming.window;

import org.tdaplatform.events.StreamDefinition;

/** Every so many points in log order. One window at most is open; all of the key's points are its own. */
final class CountWindows implements WindowKind {
  static final CountWindows INSTANCE = new CountWindows();

  private CountWindows() {}

  @Override
  public Verdict judge(KeyState state, StreamDefinition definition, long time) {
    return Verdict.TAKEN;
  }

  @Override
  public void take(KeyState state, StreamDefinition definition, long time, long receivedAt, Firings firings) {
    if (state.windows.isEmpty()) {
      state.makePending(state.open(receivedAt, time));
    }
  }

  @Override
  public boolean hasWatermark() {
    return false;
  }

  @Override
  public boolean isDue(KeyState state, StreamDefinition definition, Window window) {
    return state.points.size() >= definition.getCount();
  }

  @Override
  public long start(KeyState state, Window window) {
    return state.points.time(0);
  }

  @Override
  public long end(KeyState state, StreamDefinition definition, Window window) {
    return state.points.time(state.points.size() - 1);
  }

  @Override
  public int fromPlace(KeyState state, Window window) {
    return 0;
  }

  @Override
  public int toPlace(KeyState state, StreamDefinition definition, Window window) {
    return state.points.size();
  }

  @Override
  public void drop(KeyState state, StreamDefinition definition) {
    if (state.pending.isEmpty()) {
      state.windows.clear();
      state.points.clear();
    }
  }
}
