package org.tdaplatform.streaming.engine;

import java.util.Collections;
import java.util.List;

/** Answers at once, with nothing: what the engine costs is the difference to it. */
final class NoEngine implements Engine {
  private static final double[] NOTHING = new double[0];

  @Override
  public RipsResult vietorisRips(RipsRequest request) {
    return new RipsResult(Collections.nCopies(request.maxDimension() + 1, NOTHING), 0);
  }

  /** A sample or an embedding of nothing would be no window: neither is asked for in benchmarks. */
  @Override
  public List<double[]> features(List<Feature> features, long memoryLimitBytes) {
    return Collections.nCopies(features.size(), NOTHING);
  }
}
