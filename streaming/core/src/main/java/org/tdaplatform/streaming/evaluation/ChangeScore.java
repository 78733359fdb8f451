package org.tdaplatform.streaming.evaluation;

import java.util.ArrayList;
import java.util.List;
import org.tdaplatform.events.AlertRule;
import org.tdaplatform.events.ChangeDistance;
import org.tdaplatform.events.StreamDefinition;
import org.tdaplatform.events.StreamOutput;
import org.tdaplatform.streaming.engine.Engine;
import org.tdaplatform.streaming.engine.EngineException;
import org.tdaplatform.streaming.engine.Feature;
import org.tdaplatform.streaming.window.Emission.Firing;

/** Steps 5 and 6 of docs/reference/stream-semantics.md, "A firing". */
public final class ChangeScore {
  /**
   * @param distance null: there is no result before
   * @param zScore null: the history has no spread
   */
  public record Change(Double distance, Double zScore, List<String> alerts) {}

  private ChangeScore() {}

  public static boolean isWanted(StreamDefinition definition) {
    return definition.getOutputs().contains(StreamOutput.change_score);
  }

  /** The distances that the window needs of the engine, from the state as it is now; empty: none. */
  public static List<Feature> distances(Firing firing, EvaluatedWindow window, ChangeState state) {
    StreamDefinition definition = firing.definition();
    List<double[]> before = isWanted(definition) ? state.before(firing.seq()) : null;
    if (before == null) {
      return List.of();
    }
    List<double[]> now = ChangeState.finite(window.diagrams(), window.threshold());
    List<Feature> features = new ArrayList<>();
    for (int dimension : definition.getChangeDimensions()) {
      if (dimension < now.size() && dimension < before.size()) {
        features.add(
            definition.getChangeDistance() == ChangeDistance.bottleneck
                ? Feature.bottleneckDistance(before.get(dimension), now.get(dimension))
                : Feature.wassersteinDistance(before.get(dimension), now.get(dimension), definition.getChangeP()));
      }
    }
    return features;
  }

  /** The greatest of the distances; null: there are none. */
  public static Double greatest(List<Feature> features, StreamDefinition definition, Engine engine) {
    Double greatest = null;
    for (double[] value : engine.features(features, definition.getMaxEngineBytes())) {
      greatest = greatest == null ? value[0] : Math.max(greatest, value[0]);
    }
    return greatest;
  }

  /**
   * The change of a window at this distance, which the state then remembers.
   *
   * @throws EngineException the score is beyond float64; the state has not changed
   */
  public static Change apply(Firing firing, EvaluatedWindow window, Double distance, ChangeState state) {
    StreamDefinition definition = firing.definition();
    boolean isWanted = isWanted(definition);
    Double score = distance == null ? null : RobustZScore.of(state.history(), distance);
    if (distance != null && firing.revision() == 0) {
      state.join(distance, definition.getChangeHistory());
    }
    if (isWanted) {
      state.remember(firing.seq(), ChangeState.finite(window.diagrams(), window.threshold()));
    }
    List<String> alerts = firing.revision() == 0 ? alerts(definition, score, state) : List.of();
    return new Change(distance, score, alerts);
  }

  private static List<String> alerts(StreamDefinition definition, Double score, ChangeState state) {
    List<String> alerts = new ArrayList<>();
    List<AlertRule> rules = definition.getAlerts();
    for (int index = 0; index < rules.size(); index++) {
      AlertRule rule = rules.get(index);
      ChangeState.RuleState counters = state.rule(index);
      counters.run = score != null && score >= rule.getLevel() ? counters.run + 1 : 0;
      if (counters.rest > 0) {
        counters.rest--;
      } else if (counters.run >= rule.getRunLength()) {
        alerts.add(rule.getName());
        counters.run = 0;
        counters.rest = rule.getCoolDown();
      }
    }
    return alerts;
  }
}
