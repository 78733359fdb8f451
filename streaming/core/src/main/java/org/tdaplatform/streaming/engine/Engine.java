package org.tdaplatform.streaming.engine;

import java.util.List;

/** The engine, called by one thread at a time. */
public interface Engine {
  /**
   * @throws EngineException the computation gives no result
   */
  RipsResult vietorisRips(RipsRequest request);

  /**
   * The values of each feature, computed in one call.
   *
   * @param memoryLimitBytes 0: none
   * @throws EngineException one of them gives no result
   */
  List<double[]> features(List<Feature> features, long memoryLimitBytes);
}
