package org.tdaplatform.streaming.engine;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingDeque;
import java.util.concurrent.ScheduledExecutorService;
import java.util.function.Function;

/**
 * The engine in processes of its own, one for each of a few threads. A crash or a memory budget ends one computation, never the caller. Work is taken in
 * the order in which it was given, unless it is to come first; how much may wait is the caller's to bound.
 */
public final class EnginePool implements AutoCloseable {
  private record Task<T>(Function<Engine, T> work, CompletableFuture<T> future) {
    void run(Engine engine) {
      try {
        future.complete(work.apply(engine));
      } catch (Throwable failure) {
        future.completeExceptionally(failure);
      }
    }
  }

  private static final Task<Void> END = new Task<>(engine -> null, new CompletableFuture<>());

  private final LinkedBlockingDeque<Task<?>> queue = new LinkedBlockingDeque<>();
  private final ScheduledExecutorService timer;
  private final List<HostSlot> slots = new ArrayList<>();
  private final List<Thread> threads = new ArrayList<>();
  private volatile String version = "";
  private boolean isClosed;

  public EnginePool(EngineSettings settings, HostEvents events) {
    timer = Executors.newSingleThreadScheduledExecutor(work -> daemon(work, "engine-timer"));
    HostEvents all =
        new HostEvents() {
          @Override
          public void hostStarted(long processId, String engineVersion) {
            version = engineVersion;
            events.hostStarted(processId, engineVersion);
          }

          @Override
          public void hostLost(long processId, String reason) {
            events.hostLost(processId, reason);
          }
        };
    for (int index = 0; index < settings.hosts(); index++) {
      Engine engine = settings.executable() == null ? new NoEngine() : slot(settings, all);
      Thread thread = daemon(() -> work(engine), "engine-host-" + index);
      threads.add(thread);
      thread.start();
    }
  }

  private HostSlot slot(EngineSettings settings, HostEvents events) {
    HostSlot slot = new HostSlot(settings, timer, events);
    slots.add(slot);
    return slot;
  }

  private static Thread daemon(Runnable work, String name) {
    Thread thread = new Thread(work, name);
    thread.setDaemon(true);
    return thread;
  }

  /** Of the engine, as the host that was started last said; "" before the first. */
  public String version() {
    return version;
  }

  /**
   * Work on one host, which may call the engine several times. Completes on the pool's thread: exceptionally with {@link EngineException} (no result),
   * {@link EngineUnavailableException} (no engine, or the pool was closed) or what the work itself threw.
   */
  public <T> CompletableFuture<T> submit(Function<Engine, T> work) {
    return submit(work, false);
  }

  /** The same before all that waits: for work that holds up what is done already. */
  public <T> CompletableFuture<T> submitFirst(Function<Engine, T> work) {
    return submit(work, true);
  }

  private <T> CompletableFuture<T> submit(Function<Engine, T> work, boolean isFirst) {
    Task<T> task = new Task<>(work, new CompletableFuture<>());
    synchronized (this) {
      if (isClosed) {
        task.future().completeExceptionally(new EngineUnavailableException("The engine is closed.", null));
        return task.future();
      }
      if (isFirst) {
        queue.addFirst(task);
      } else {
        queue.addLast(task);
      }
    }
    return task.future();
  }

  private void work(Engine engine) {
    try {
      for (Task<?> task = queue.take(); task != END; task = queue.take()) {
        task.run(engine);
      }
    } catch (InterruptedException closing) {
      // The pool is closed.
    }
  }

  /** Ends the hosts at once, whatever they compute, and returns when no process and no thread is left. */
  @Override
  public void close() {
    List<Task<?>> waiting = new ArrayList<>();
    synchronized (this) {
      if (isClosed) {
        return;
      }
      isClosed = true;
      queue.drainTo(waiting);
      threads.forEach(thread -> queue.add(END));
    }
    slots.forEach(HostSlot::close);
    threads.forEach(Thread::interrupt);
    timer.shutdownNow();
    waiting.forEach(task -> task.future().completeExceptionally(new EngineUnavailableException("The engine is closed.", null)));
    boolean wasInterrupted = false;
    for (Thread thread : threads) {
      while (thread.isAlive()) {
        try {
          thread.join();
        } catch (InterruptedException interrupted) {
          wasInterrupted = true;
        }
      }
    }
    if (wasInterrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
