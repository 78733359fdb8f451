package org.tdaplatform.streaming.evaluation;

import java.util.List;
import java.util.function.Consumer;
import org.apache.avro.specific.SpecificRecord;
import org.tdaplatform.events.StreamRejection;
import org.tdaplatform.events.StreamResult;
import org.tdaplatform.streaming.engine.Engine;
import org.tdaplatform.streaming.engine.EngineException;
import org.tdaplatform.streaming.engine.Feature;
import org.tdaplatform.streaming.window.Emission;
import org.tdaplatform.streaming.window.Rejections;

/**
 * What the emissions of a key give, one after the other: the last step of each, after the engine was asked. The state is the key's `changes`.
 */
public final class KeyEvaluation {
  /** The engine's answer for a firing: of the window alone, or of its distances too. One of the two is null. */
  public record Answer<T>(T value, EngineException refusal) {
    public static <T> Answer<T> of(java.util.function.Supplier<T> work) {
      try {
        return new Answer<>(work.get(), null);
      } catch (EngineException refusal) {
        return new Answer<>(null, refusal);
      }
    }
  }

  private KeyEvaluation() {}

  /** A rejection in the place of a result. `changes` stay as they are. */
  public static StreamRejection refuse(Emission.Firing firing, EngineException refusal) {
    return Rejections.ofWindow(firing, refusal.code());
  }

  /** The result of a window, at the greatest of its distances. */
  public static SpecificRecord finish(Emission.Firing firing, EvaluatedWindow window, Double distance, ChangeState changes) {
    Answer<StreamResult> answer =
        Answer.of(() -> Results.of(firing, window, ChangeScore.apply(firing, window, distance, changes)));
    return answer.refusal() == null ? answer.value() : refuse(firing, answer.refusal());
  }

  /** All of it at once, for a caller that may wait. */
  public static void evaluate(Emission emission, ChangeState changes, Engine engine, Consumer<SpecificRecord> out) {
    if (emission instanceof Emission.Rejection rejection) {
      out.accept(rejection.rejection());
    } else if (emission instanceof Emission.Retraction retraction) {
      out.accept(Results.of(retraction));
    } else if (emission instanceof Emission.Firing firing) {
      out.accept(evaluate(firing, changes, engine));
    }
  }

  private static SpecificRecord evaluate(Emission.Firing firing, ChangeState changes, Engine engine) {
    try {
      EvaluatedWindow window = WindowEvaluation.evaluate(firing, engine);
      List<Feature> distances = ChangeScore.distances(firing, window, changes);
      Double distance = distances.isEmpty() ? null : ChangeScore.greatest(distances, firing.definition(), engine);
      return finish(firing, window, distance, changes);
    } catch (EngineException refusal) {
      return refuse(firing, refusal);
    }
  }
}
