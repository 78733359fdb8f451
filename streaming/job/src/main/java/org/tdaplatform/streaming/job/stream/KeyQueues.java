package org.tdaplatform.streaming.job.stream;

import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import org.apache.avro.specific.SpecificRecord;
import org.apache.flink.metrics.Counter;
import org.apache.flink.metrics.MetricGroup;
import org.tdaplatform.events.StreamRejection;
import org.tdaplatform.streaming.engine.EnginePool;
import org.tdaplatform.streaming.engine.Feature;
import org.tdaplatform.streaming.evaluation.ChangeScore;
import org.tdaplatform.streaming.evaluation.ChangeState;
import org.tdaplatform.streaming.evaluation.EvaluatedWindow;
import org.tdaplatform.streaming.evaluation.KeyEvaluation;
import org.tdaplatform.streaming.evaluation.KeyEvaluation.Answer;
import org.tdaplatform.streaming.evaluation.Results;
import org.tdaplatform.streaming.evaluation.WindowEvaluation;
import org.tdaplatform.streaming.job.log.OutputRecord;
import org.tdaplatform.streaming.window.Emission;

/**
 * The queues of keys: the engine works on all windows in them at once; what depends on the windows before (the distances, the score, the alerts) and the
 * order of what is written is kept. Used by the task's thread alone; only the engine's answers come from others.
 */
final class KeyQueues {
  private final EnginePool engine;
  private final Outputs outputs;
  private final Consumer<OutputRecord> out;
  private final BiConsumer<CompletableFuture<?>, KeyEntry> whenAnswered;
  private final Counter windows;
  private final Counter refused;
  private final Counter rejections;
  private int inFlight;

  /**
   * @param whenAnswered drains the key's queue again, on the task's thread, once the answer is there
   */
  KeyQueues(
      EnginePool engine,
      Outputs outputs,
      Consumer<OutputRecord> out,
      BiConsumer<CompletableFuture<?>, KeyEntry> whenAnswered,
      MetricGroup metrics) {
    this.engine = engine;
    this.outputs = outputs;
    this.out = out;
    this.whenAnswered = whenAnswered;
    windows = metrics.counter("windows");
    refused = metrics.counter("refused_windows");
    rejections = metrics.counter("rejections");
    metrics.gauge("windows_in_flight", () -> inFlight);
  }

  /** Windows that were given to the engine and are not written. */
  int inFlight() {
    return inFlight;
  }

  void add(KeyEntry entry, Emission emission) {
    PendingEmission pending = new PendingEmission(emission);
    entry.queue.add(pending);
    begin(entry, pending);
  }

  /** Begins what was in a queue that was read from a checkpoint. */
  void restart(KeyEntry entry) {
    entry.queue.forEach(pending -> begin(entry, pending));
    drain(entry);
  }

  private void begin(KeyEntry entry, PendingEmission pending) {
    if (pending.emission instanceof Emission.Firing firing) {
      inFlight++;
      pending.window = engine.submit(host -> Answer.of(() -> WindowEvaluation.evaluate(firing, host)));
      whenAnswered.accept(pending.window, entry);
    }
  }

  /** Writes what is ready at the head of the key's queue. */
  void drain(KeyEntry entry) {
    for (PendingEmission head = entry.queue.peekFirst(); head != null; head = entry.queue.peekFirst()) {
      if (!settle(entry, head)) {
        return;
      }
      entry.queue.removeFirst();
      entry.isDirty = true;
    }
  }

  /** Whether the emission is done. */
  private boolean settle(KeyEntry entry, PendingEmission head) {
    if (head.emission instanceof Emission.Firing firing) {
      return settle(entry, head, firing);
    }
    if (head.emission instanceof Emission.Retraction retraction) {
      write(entry, Results.of(retraction));
    } else if (head.emission instanceof Emission.Rejection rejection) {
      write(entry, rejection.rejection());
    } else {
      entry.changes = null;
    }
    return true;
  }

  private boolean settle(KeyEntry entry, PendingEmission head, Emission.Firing firing) {
    if (!head.window.isDone()) {
      return false;
    }
    Answer<EvaluatedWindow> window = answer(head.window);
    if (window.refusal() != null) {
      return finish(entry, KeyEvaluation.refuse(firing, window.refusal()));
    }
    if (entry.changes == null) {
      entry.changes = new ChangeState();
    }
    List<Feature> distances = ChangeScore.distances(firing, window.value(), entry.changes);
    if (distances.isEmpty()) {
      return finish(entry, KeyEvaluation.finish(firing, window.value(), null, entry.changes));
    }
    if (head.distance == null) {
      head.distance = engine.submitFirst(host -> Answer.of(() -> ChangeScore.greatest(distances, firing.definition(), host)));
      whenAnswered.accept(head.distance, entry);
    }
    if (!head.distance.isDone()) {
      return false;
    }
    Answer<Double> distance = answer(head.distance);
    return finish(
        entry,
        distance.refusal() != null
            ? KeyEvaluation.refuse(firing, distance.refusal())
            : KeyEvaluation.finish(firing, window.value(), distance.value(), entry.changes));
  }

  /**
   * The engine's answer.
   *
   * @throws RuntimeException there is no engine, or an error of ours: the task fails, and the window is tried again after its restart
   */
  private static <T> Answer<T> answer(CompletableFuture<Answer<T>> done) {
    try {
      return done.join();
    } catch (CompletionException | CancellationException failure) {
      throw new IllegalStateException("The engine gives no answer.", failure.getCause() == null ? failure : failure.getCause());
    }
  }

  private boolean finish(KeyEntry entry, SpecificRecord value) {
    inFlight--;
    windows.inc();
    if (value instanceof StreamRejection) {
      refused.inc();
    }
    write(entry, value);
    return true;
  }

  private void write(KeyEntry entry, SpecificRecord value) {
    if (value instanceof StreamRejection) {
      rejections.inc();
    }
    out.accept(outputs.of(entry.name, value, engine.version()));
  }
}
