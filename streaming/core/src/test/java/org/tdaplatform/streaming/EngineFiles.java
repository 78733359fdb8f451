package org.tdaplatform.streaming;

import java.nio.file.Path;
import org.tdaplatform.streaming.engine.EngineSettings;

/** Where the build has put what tests need. */
public final class EngineFiles {
  private EngineFiles() {}

  public static Path repository() {
    return Path.of(System.getProperty("repository.root")).toAbsolutePath().normalize();
  }

  public static Path engineHost() {
    String build = System.getenv("TDA_ENGINE_BUILD_DIR");
    Path folder = build == null || build.isEmpty() ? repository().resolve("build/engine") : Path.of(build);
    return folder.resolve("bin/tda-engine-host");
  }

  public static EngineSettings settings(int hosts) {
    return EngineSettings.of(engineHost(), hosts, 0);
  }
}
