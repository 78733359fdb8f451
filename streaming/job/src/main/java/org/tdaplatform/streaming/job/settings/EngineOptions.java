package org.tdaplatform.streaming.job.settings;

import java.io.Serializable;
import java.nio.file.Path;
import org.tdaplatform.streaming.engine.EngineSettings;

/**
 * Engine hosts of a TaskManager.
 *
 * @param executable path of `tda-engine-host` on the TaskManagers; empty: their environment's TDA_ENGINE_HOST; `none`: no engine, for benchmarks of the rest
 * @param hosts processes for each TaskManager; 0: as many as it has processors
 * @param memoryLimitBytes upper bound of each call's budget; 0: the definitions' alone
 */
public record EngineOptions(String executable, int hosts, long memoryLimitBytes) implements Serializable {
  private static final String ENVIRONMENT = "TDA_ENGINE_HOST";
  private static final String NONE = "none";

  /** Where the tasks run. */
  public EngineSettings settings() {
    String found = executable.isEmpty() ? System.getenv(ENVIRONMENT) : executable;
    if (found == null || found.isEmpty()) {
      throw new IllegalStateException("Neither --engine-host nor the TaskManager's " + ENVIRONMENT + " says where the engine host is.");
    }
    int count = hosts == 0 ? Runtime.getRuntime().availableProcessors() : hosts;
    if (found.equals(NONE)) {
      return EngineSettings.withoutEngine(count);
    }
    return EngineSettings.of(Path.of(found).toAbsolutePath(), count, memoryLimitBytes);
  }
}
