package org.tdaplatform.streaming.engine;

import java.io.IOException;
import java.util.List;
import java.util.concurrent.ScheduledExecutorService;

/**
 * A place in the pool, of one thread: keeps a host in it, replacing one that is lost or has grown, and tries a call again whose host died with it. The
 * first replacement is started at once, further ones after 100 ms, 200 ms, … 5 s until a host answers.
 */
final class HostSlot implements Engine {
  /** A call whose host has died with it so often is given up: docs/reference/stream-semantics.md, "Failures". */
  static final int DEATHS_OF_A_CALL = 3;

  private static final long FIRST_BACK_OFF_MS = 100;
  private static final long LONGEST_BACK_OFF_MS = 5_000;

  /** So many starts in vain, one after the other, and the engine counts as away. */
  private static final int STARTS = 8;

  private interface Call<T> {
    T on(EngineHost host) throws EngineHost.LostException;
  }

  private final EngineSettings settings;
  private final ScheduledExecutorService timer;
  private final HostEvents events;
  private int failures;
  // Guarded by this: close comes from another thread.
  private EngineHost host;
  private boolean isClosed;

  HostSlot(EngineSettings settings, ScheduledExecutorService timer, HostEvents events) {
    this.settings = settings;
    this.timer = timer;
    this.events = events;
  }

  @Override
  public RipsResult vietorisRips(RipsRequest request) {
    return call(running -> running.vietorisRips(request));
  }

  @Override
  public List<double[]> features(List<Feature> features, long memoryLimitBytes) {
    return call(running -> running.features(features, memoryLimitBytes));
  }

  private <T> T call(Call<T> call) {
    for (int deaths = 0; deaths < DEATHS_OF_A_CALL; deaths++) {
      EngineHost running = readyHost();
      try {
        T answer = call.on(running);
        failures = 0;
        recycle(running);
        return answer;
      } catch (EngineHost.LostException lost) {
        failures++;
        forget(running);
        if (isClosed()) {
          throw new EngineUnavailableException("The engine is closed.", lost);
        }
        events.hostLost(running.processId(), lost.getMessage());
      } catch (EngineException refused) {
        failures = 0;
        recycle(running);
        // Memory that the machine did not have is not the window's doing, until it has been so often enough.
        if (!EngineException.OUT_OF_MEMORY.equals(refused.code()) || deaths + 1 == DEATHS_OF_A_CALL) {
          throw refused;
        }
      }
    }
    throw new EngineException(EngineException.CRASHED, "The engine stopped working on this input.");
  }

  private EngineHost readyHost() {
    synchronized (this) {
      if (host != null && host.isAlive()) {
        return host;
      }
    }
    IOException last = null;
    for (int start = 0; start < STARTS; start++) {
      backOff();
      if (isClosed()) {
        break;
      }
      try {
        return keep(EngineHost.start(settings, timer));
      } catch (IOException cause) {
        last = cause;
        failures++;
      }
    }
    throw new EngineUnavailableException("The engine host " + settings.executable() + " does not start.", last);
  }

  private void backOff() {
    if (failures < 2) {
      return;
    }
    try {
      Thread.sleep(Math.min(FIRST_BACK_OFF_MS << Math.min(failures - 2, 10), LONGEST_BACK_OFF_MS));
    } catch (InterruptedException closing) {
      Thread.currentThread().interrupt();
      throw new EngineUnavailableException("The engine is closed.", closing);
    }
  }

  private synchronized EngineHost keep(EngineHost started) {
    if (isClosed) {
      started.close();
      throw new EngineUnavailableException("The engine is closed.", null);
    }
    host = started;
    events.hostStarted(started.processId(), started.engineVersion());
    return started;
  }

  private void recycle(EngineHost running) {
    if (running.residentBytes() > settings.recycleBytes()) {
      forget(running);
      running.close();
    }
  }

  private synchronized void forget(EngineHost lost) {
    if (host == lost) {
      host = null;
    }
  }

  private synchronized boolean isClosed() {
    return isClosed;
  }

  /** Asks the host to stop what it computes. */
  synchronized void cancel() {
    if (host != null) {
      host.cancel();
    }
  }

  synchronized void close() {
    isClosed = true;
    if (host != null) {
      host.close();
    }
  }
}
