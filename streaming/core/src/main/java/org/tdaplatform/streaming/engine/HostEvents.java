package org.tdaplatform.streaming.engine;

/** What happens to hosts, for logs and metrics. Called from the pool's threads. */
public interface HostEvents {
  HostEvents NONE = new HostEvents() {};

  default void hostStarted(long processId, String engineVersion) {}

  default void hostLost(long processId, String reason) {}
}
