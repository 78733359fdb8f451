package org.tdaplatform.streaming.window;

import org.tdaplatform.events.StreamDefinition;

/** The definitions that are known. */
public interface Definitions {
  /** null: not known. */
  StreamDefinition find(String streamId, int version);

  /** Whether the stream had definitions and was deleted. */
  boolean isDeleted(String streamId);
}
