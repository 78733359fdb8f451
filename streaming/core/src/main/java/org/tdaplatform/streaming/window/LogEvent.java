package org.tdaplatform.streaming.window;

import org.tdaplatform.events.StreamEvent;

/** A record of the topic {@code events} and its place there. */
public record LogEvent(int partition, long offset, StreamEvent event) {}
