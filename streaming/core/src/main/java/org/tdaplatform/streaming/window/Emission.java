package org.tdaplatform.streaming.window;

import org.tdaplatform.events.StreamDefinition;
import org.tdaplatform.events.StreamRejection;

/** What a record of a key gives, in order. */
public sealed interface Emission {
  /**
   * A window's content to be evaluated.
   *
   * @param rows coordinates of its points by (time, arrival), {@code pointCount} times the definition's dimension
   */
  record Firing(
      StreamDefinition definition,
      String key,
      long seq,
      int revision,
      long openedAt,
      long start,
      long end,
      int pointCount,
      double[] rows)
      implements Emission {}

  /** A session that had fired was absorbed by another one. */
  record Retraction(
      StreamDefinition definition,
      String key,
      long seq,
      int revision,
      long openedAt,
      long start,
      long end,
      long supersededBy)
      implements Emission {}

  record Rejection(StreamRejection rejection) implements Emission {}

  /** What was remembered for the change score and the alerts is as at first. */
  record ChangesForgotten() implements Emission {}
}
