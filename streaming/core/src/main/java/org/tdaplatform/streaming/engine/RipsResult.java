package org.tdaplatform.streaming.engine;

import java.util.List;

/**
 * Vietoris–Rips persistence of a window.
 *
 * @param diagrams for each homology dimension from 0: birth, death, birth, death, …, sorted; death +∞ never dies
 * @param threshold the largest diameter considered
 */
public record RipsResult(List<double[]> diagrams, double threshold) {}
