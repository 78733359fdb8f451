package org.tdaplatform.streaming.evaluation;

import java.util.ArrayList;
import java.util.List;
import org.tdaplatform.events.Diagram;
import org.tdaplatform.events.StreamDefinition;
import org.tdaplatform.events.StreamOutput;
import org.tdaplatform.events.StreamResult;
import org.tdaplatform.streaming.codec.Doubles;
import org.tdaplatform.streaming.window.Emission.Firing;
import org.tdaplatform.streaming.window.Emission.Retraction;

/** Records of the topic `results`. */
public final class Results {
  private Results() {}

  public static StreamResult of(Firing firing, EvaluatedWindow window, ChangeScore.Change change) {
    StreamDefinition definition = firing.definition();
    StreamResult result = named(definition, firing.key(), firing.seq(), firing.revision(), firing.openedAt());
    result.setWindowStart(firing.start());
    result.setWindowEnd(firing.end());
    result.setPoints(firing.pointCount());
    result.setPointsUsed(window.rowsUsed());
    result.setCoverRadius(window.coverRadius());
    result.setThreshold(window.threshold());
    List<Diagram> diagrams = new ArrayList<>();
    if (definition.getOutputs().contains(StreamOutput.diagrams)) {
      for (int dimension = 0; dimension < window.diagrams().size(); dimension++) {
        diagrams.add(new Diagram(dimension, Doubles.asList(window.diagrams().get(dimension))));
      }
    }
    result.setDiagrams(diagrams);
    result.setValues(window.values());
    result.setChangeDistance(change.distance());
    result.setChangeZScore(change.zScore());
    result.setAlerts(change.alerts());
    return result;
  }

  public static StreamResult of(Retraction retraction) {
    StreamResult result =
        named(retraction.definition(), retraction.key(), retraction.seq(), retraction.revision(), retraction.openedAt());
    result.setWindowStart(retraction.start());
    result.setWindowEnd(retraction.end());
    result.setSupersededBy(retraction.supersededBy());
    result.setPoints(0);
    result.setPointsUsed(0);
    result.setThreshold(0);
    result.setDiagrams(List.of());
    result.setValues(List.of());
    result.setAlerts(List.of());
    return result;
  }

  private static StreamResult named(StreamDefinition definition, String key, long seq, int revision, long openedAt) {
    StreamResult result = new StreamResult();
    result.setProjectId(definition.getProjectId());
    result.setStreamId(definition.getStreamId());
    result.setDefinitionVersion(definition.getVersion());
    result.setKey(key);
    result.setWindowSeq(seq);
    result.setRevision(revision);
    result.setOpenedAt(openedAt);
    return result;
  }
}
