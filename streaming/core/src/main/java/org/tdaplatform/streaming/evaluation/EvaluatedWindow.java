package org.tdaplatform.streaming.evaluation;

import java.util.List;
import org.tdaplatform.events.OutputValues;

/**
 * What a window's points give by themselves.
 *
 * @param rowsUsed rows that the engine got
 * @param coverRadius null: all rows were used
 * @param diagrams for each dimension from 0: birth, death, birth, death, …
 * @param values of the outputs beside the diagrams, in the definition's order
 */
public record EvaluatedWindow(int rowsUsed, Double coverRadius, double threshold, List<double[]> diagrams, List<OutputValues> values) {}
