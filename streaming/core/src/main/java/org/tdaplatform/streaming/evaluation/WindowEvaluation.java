package org.tdaplatform.streaming.evaluation;

import java.util.ArrayList;
import java.util.List;
import org.tdaplatform.events.EmbeddingType;
import org.tdaplatform.events.OutputValues;
import org.tdaplatform.events.StreamDefinition;
import org.tdaplatform.events.StreamOutput;
import org.tdaplatform.streaming.codec.Doubles;
import org.tdaplatform.streaming.engine.Engine;
import org.tdaplatform.streaming.engine.EngineException;
import org.tdaplatform.streaming.engine.Feature;
import org.tdaplatform.streaming.engine.RipsRequest;
import org.tdaplatform.streaming.engine.RipsResult;
import org.tdaplatform.streaming.window.Emission.Firing;

/** Steps 1 to 4 of docs/reference/stream-semantics.md, "A firing". Every number is the engine's. */
public final class WindowEvaluation {
  private static final int GRID_POINTS = 64;
  private static final int LANDSCAPE_LEVELS = 5;

  private record Rows(double[] values, int count, int width) {}

  private WindowEvaluation() {}

  /**
   * @throws EngineException the window has no result
   */
  public static EvaluatedWindow evaluate(Firing firing, Engine engine) {
    StreamDefinition definition = firing.definition();
    Rows rows = embed(firing, engine);
    Double coverRadius = null;
    if (rows.count() > definition.getMaxPointsPerWindow()) {
      Feature feature = Feature.farthestPoints(rows.values(), rows.width(), definition.getMaxPointsPerWindow());
      double[] sample = engine.features(List.of(feature), definition.getMaxEngineBytes()).get(0);
      coverRadius = sample[0];
      rows = pick(rows, sample);
    }
    RipsResult result = diagrams(definition, rows, engine);
    List<OutputValues> values = values(definition, result, engine);
    return new EvaluatedWindow(rows.count(), coverRadius, result.threshold(), result.diagrams(), values);
  }

  private static Rows embed(Firing firing, Engine engine) {
    StreamDefinition definition = firing.definition();
    int columns = definition.getPointDimension();
    if (definition.getEmbeddingType() == EmbeddingType.none) {
      return new Rows(firing.rows(), firing.pointCount(), columns);
    }
    Feature feature =
        Feature.takensEmbedding(
            firing.rows(), columns, definition.getEmbeddingDimension(), definition.getEmbeddingDelay(), definition.getEmbeddingSkip());
    double[] embedded = engine.features(List.of(feature), definition.getMaxEngineBytes()).get(0);
    int width = columns * definition.getEmbeddingDimension();
    return new Rows(embedded, embedded.length / width, width);
  }

  /** The rows of a sample, whose first value is its radius. */
  private static Rows pick(Rows rows, double[] sample) {
    int count = sample.length - 1;
    double[] picked = new double[count * rows.width()];
    for (int place = 0; place < count; place++) {
      System.arraycopy(rows.values(), (int) sample[place + 1] * rows.width(), picked, place * rows.width(), rows.width());
    }
    return new Rows(picked, count, rows.width());
  }

  private static RipsResult diagrams(StreamDefinition definition, Rows rows, Engine engine) {
    Double threshold = definition.getThreshold();
    if (rows.count() == 0) {
      List<double[]> empty = new ArrayList<>();
      for (int dimension = 0; dimension <= definition.getMaxDimension(); dimension++) {
        empty.add(new double[0]);
      }
      return new RipsResult(empty, threshold == null ? 0 : threshold);
    }
    return engine.vietorisRips(
        new RipsRequest(
            rows.values(),
            rows.count(),
            rows.width(),
            definition.getMaxDimension(),
            threshold == null ? Double.POSITIVE_INFINITY : threshold,
            definition.getMaxEngineBytes()));
  }

  private static List<OutputValues> values(StreamDefinition definition, RipsResult result, Engine engine) {
    List<Feature> features = new ArrayList<>();
    List<OutputValues> values = new ArrayList<>();
    for (StreamOutput output : definition.getOutputs()) {
      for (int dimension = 0; dimension < result.diagrams().size(); dimension++) {
        Feature feature = feature(output, result.diagrams().get(dimension), result.threshold());
        if (feature != null) {
          features.add(feature);
          values.add(new OutputValues(output.name(), dimension, List.of()));
        }
      }
    }
    if (features.isEmpty()) {
      return values;
    }
    List<double[]> answers = engine.features(features, definition.getMaxEngineBytes());
    for (int index = 0; index < answers.size(); index++) {
      values.get(index).setValues(Doubles.asList(answers.get(index)));
    }
    return values;
  }

  /** null: the output has no values. */
  private static Feature feature(StreamOutput output, double[] diagram, double threshold) {
    return switch (output) {
      case betti_curve -> Feature.bettiCurve(diagram, threshold, GRID_POINTS);
      case landscape -> Feature.landscape(diagram, threshold, GRID_POINTS, LANDSCAPE_LEVELS);
      case persistence_entropy -> Feature.persistenceEntropy(diagram);
      case total_persistence -> Feature.totalPersistence(diagram);
      case diagrams, change_score -> null;
    };
  }
}
