package org.tdaplatform.streaming.codec;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.tdaplatform.events.Diagram;
import org.tdaplatform.events.StreamRejection;
import org.tdaplatform.events.StreamResult;
import org.tdaplatform.events.WindowType;
import org.tdaplatform.streaming.Events;
import org.tdaplatform.streaming.evaluation.ChangeScore;
import org.tdaplatform.streaming.evaluation.EvaluatedWindow;
import org.tdaplatform.streaming.evaluation.Results;
import org.tdaplatform.streaming.window.Emission;

class WrittenValuesTest {
  /** With so many numbers in its diagram. */
  private static StreamResult result(int numbers) {
    Emission.Firing firing =
        new Emission.Firing(Events.definition(WindowType.tumbling), "k", 4, 2, 99, 1_000, 2_000, 1, new double[] {1});
    EvaluatedWindow window = new EvaluatedWindow(1, null, 0, List.of(new double[numbers]), List.of());
    StreamResult result = Results.of(firing, window, new ChangeScore.Change(null, null, List.of()));
    assertEquals(List.of(0), result.getDiagrams().stream().map(Diagram::getDimension).toList());
    return result;
  }

  @Test
  void aResultThatNoRecordHoldsIsARejection() {
    WrittenValues values = new WrittenValues();
    // What is not numbers, with the registry's header: the number of a longest one has a few more bytes than that of an empty one.
    int others = values.write(result(0)).bytes().length + 4 + 5;
    int longest = (WrittenValues.RECORD_LIMIT_BYTES - others) / Double.BYTES;
    assertInstanceOf(StreamResult.class, values.write(result(longest)).value());
    StreamRejection rejection = assertInstanceOf(StreamRejection.class, values.write(result(longest + 1)).value());
    assertEquals("result_too_large", rejection.getCode());
    assertEquals("window:1:4:2", rejection.getOrigin());
    assertEquals(99, rejection.getReceivedAt());
    assertEquals(1_000L, rejection.getT());
  }
}
