package org.tdaplatform.streaming.job.stream;

import java.util.HashMap;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.tdaplatform.streaming.engine.EnginePool;
import org.tdaplatform.streaming.engine.EngineSettings;
import org.tdaplatform.streaming.engine.HostEvents;
import org.tdaplatform.streaming.job.settings.EngineOptions;

/** The engine hosts of a job in one TaskManager, shared by its tasks there: started by the first, ended with the last. */
final class EngineHolder {
  private static final Logger LOG = LoggerFactory.getLogger(EngineHolder.class);

  private static final class Shared {
    final EnginePool pool;
    int users;

    Shared(EnginePool pool) {
      this.pool = pool;
    }
  }

  /** Classes are loaded anew for each job, and so is this. */
  private static final Map<EngineSettings, Shared> POOLS = new HashMap<>();

  private final EngineSettings settings;

  EngineHolder(EngineOptions options) {
    settings = options.settings();
  }

  EnginePool acquire() {
    synchronized (POOLS) {
      Shared shared = POOLS.computeIfAbsent(settings, absent -> new Shared(new EnginePool(settings, new Log())));
      shared.users++;
      return shared.pool;
    }
  }

  void release() {
    synchronized (POOLS) {
      Shared shared = POOLS.get(settings);
      if (--shared.users == 0) {
        POOLS.remove(settings);
        shared.pool.close();
      }
    }
  }

  private static final class Log implements HostEvents {
    @Override
    public void hostStarted(long processId, String engineVersion) {
      LOG.info("Engine host {} runs, version {}.", processId, engineVersion);
    }

    @Override
    public void hostLost(long processId, String reason) {
      LOG.warn("Engine host {} is lost: {}", processId, reason);
    }
  }
}
