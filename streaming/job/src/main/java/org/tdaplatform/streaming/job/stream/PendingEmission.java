package org.tdaplatform.streaming.job.stream;

import java.util.concurrent.CompletableFuture;
import org.tdaplatform.streaming.evaluation.EvaluatedWindow;
import org.tdaplatform.streaming.evaluation.KeyEvaluation.Answer;
import org.tdaplatform.streaming.window.Emission;

/** An emission in its key's queue, and what the engine was asked for it. */
final class PendingEmission {
  final Emission emission;

  /** null: not a window. */
  CompletableFuture<Answer<EvaluatedWindow>> window;

  /** null: not asked yet; it is asked when all before it are done. */
  CompletableFuture<Answer<Double>> distance;

  PendingEmission(Emission emission) {
    this.emission = emission;
  }
}
