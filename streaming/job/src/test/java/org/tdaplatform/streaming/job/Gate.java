package org.tdaplatform.streaming.job;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.apache.flink.api.connector.source.SourceSplit;
import org.apache.flink.api.connector.source.util.ratelimit.RateLimiter;

/** Lets so many records of a source pass, over all lives of its job. A source that waits takes part in checkpoints. */
final class Gate {
  private final Deque<CompletableFuture<Void>> waiting = new ArrayDeque<>();
  private long left;

  synchronized void open(long records) {
    left += records;
    while (left > 0 && !waiting.isEmpty()) {
      left--;
      waiting.removeFirst().complete(null);
    }
  }

  private synchronized CompletionStage<Void> pass() {
    CompletableFuture<Void> passed = new CompletableFuture<>();
    if (left > 0) {
      left--;
      passed.complete(null);
    } else {
      waiting.addLast(passed);
    }
    return passed;
  }

  /** What waited belongs to a job that has ended. */
  synchronized void reset() {
    waiting.clear();
  }

  <S extends SourceSplit> RateLimiter<S> limiter() {
    return count -> pass();
  }
}
