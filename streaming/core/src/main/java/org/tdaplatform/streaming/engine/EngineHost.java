package org.tdaplatform.streaming.engine;

import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;

/**
 * One running engine host: a process that computes one request at a time, for one thread. It ends when its standard input is closed, and so with
 * this process however that ends.
 */
final class EngineHost implements AutoCloseable {
  private static final int READ_BUFFER_BYTES = 1 << 16;

  /** Of a diagram or the values of a call: arrays in Java have int lengths, and results above this would not pass the log either. */
  private static final int MAX_PAYLOAD_BYTES = 1 << 30;

  /** In the time of silence after which a host counts as frozen. */
  private static final int PINGS = 6;

  /** The host has ended, or no longer speaks the protocol: what it computed is lost. */
  static final class LostException extends IOException {
    private static final long serialVersionUID = 1L;

    LostException(String message, Throwable cause) {
      super(message, cause);
    }
  }

  private final Process process;
  private final DataInputStream in;
  private final OutputStream out;
  private long longestPayload;
  private String engineVersion = "";
  private final ReentrantLock writing = new ReentrantLock();
  private final long silenceNanos;
  private ScheduledFuture<?> watch;
  private volatile long requestId;
  private volatile boolean isComputing;

  /** When the request was written, or the last frame came. */
  private volatile long heardAt;

  private long residentBytes;

  private EngineHost(Process process, EngineSettings settings) {
    this.process = process;
    silenceNanos = TimeUnit.MILLISECONDS.toNanos(settings.silenceMs());
    in = new DataInputStream(new BufferedInputStream(process.getInputStream(), READ_BUFFER_BYTES));
    out = process.getOutputStream();
  }

  /**
   * Returns after the host's hello.
   *
   * @param timer kills it if there is none in time
   * @throws IOException it could not be started
   */
  static EngineHost start(EngineSettings settings, ScheduledExecutorService timer) throws IOException {
    List<String> command = new ArrayList<>(List.of(settings.executable().toString()));
    addOption(command, "--memory-limit-bytes", settings.memoryLimitBytes());
    addOption(command, "--address-space-bytes", settings.addressSpaceBytes());
    // No --parent-pid: the signal comes with the end of the thread that started the host. Its stdin ends with this process, which is enough.
    ProcessBuilder builder = new ProcessBuilder(command).directory(Path.of("/").toFile()).redirectError(ProcessBuilder.Redirect.INHERIT);
    builder.environment().clear();
    builder.environment().put("LC_ALL", "C");
    EngineHost host = new EngineHost(builder.start(), settings);
    ScheduledFuture<?> timeout = timer.schedule(host::close, settings.startTimeoutMs(), TimeUnit.MILLISECONDS);
    try {
      host.readHello();
      long periodMs = Math.max(1, settings.silenceMs() / PINGS);
      host.watch = timer.scheduleWithFixedDelay(host::listen, periodMs, periodMs, TimeUnit.MILLISECONDS);
      return host;
    } catch (IOException cause) {
      host.close();
      throw cause;
    } finally {
      timeout.cancel(false);
    }
  }

  private static void addOption(List<String> command, String name, long bytes) {
    if (bytes > 0) {
      command.add(name);
      command.add(Long.toString(bytes));
    }
  }

  private void readHello() throws IOException {
    Frame frame = Frame.read(in, MAX_PAYLOAD_BYTES);
    if (frame.type() != FrameLayout.HELLO) {
      throw new Frame.ProtocolException("The engine host did not say hello.");
    }
    longestPayload = frame.payload().getLong(8);
    engineVersion = text(frame.payload(), 32, 32);
  }

  String engineVersion() {
    return engineVersion;
  }

  long processId() {
    return process.pid();
  }

  /** After the last answer; 0: not known. */
  long residentBytes() {
    return residentBytes;
  }

  /** On the timer's thread, which must not wait for the host. */
  private void listen() {
    if (!isComputing) {
      return;
    }
    if (System.nanoTime() - heardAt > silenceNanos) {
      process.destroyForcibly();
    } else if (writing.tryLock()) {
      try {
        out.write(RequestFrames.ping().array());
        out.flush();
      } catch (IOException ended) {
        // The call ends by that.
      } finally {
        writing.unlock();
      }
    }
  }

  /**
   * @throws EngineException the engine refuses
   * @throws LostException the host has died of it
   */
  RipsResult vietorisRips(RipsRequest request) throws LostException {
    send(RequestFrames.vietorisRips(nextRequestId(), request));
    List<double[]> diagrams = new ArrayList<>();
    while (true) {
      Frame frame = nextFrame();
      if (frame.type() == FrameLayout.DIAGRAM && frame.detail() == diagrams.size()) {
        diagrams.add(frame.doubles());
      } else if (frame.type() == FrameLayout.RESULT && frame.payload().getInt(0) == diagrams.size()) {
        residentBytes = frame.payload().getLong(72);
        return new RipsResult(diagrams, frame.payload().getDouble(40));
      } else {
        throw lost("It sent a frame out of order.", null);
      }
    }
  }

  /** The same of features. */
  List<double[]> features(List<Feature> features, long memoryLimitBytes) throws LostException {
    send(RequestFrames.features(nextRequestId(), features, memoryLimitBytes));
    Frame frame = nextFrame();
    ByteBuffer payload = frame.payload();
    int offsets = FrameLayout.VALUES_HEAD_BYTES;
    int count = features.size();
    if (frame.type() != FrameLayout.VALUES || payload.getLong(8) != count) {
      throw lost("It sent another answer than was asked for.", null);
    }
    residentBytes = payload.getLong(32);
    int start = offsets + 8 * (count + 1);
    List<double[]> values = new ArrayList<>(count);
    for (int index = 0; index < count; index++) {
      int from = (int) payload.getLong(offsets + 8 * index);
      int to = (int) payload.getLong(offsets + 8 * (index + 1));
      double[] one = new double[to - from];
      for (int place = 0; place < one.length; place++) {
        one[place] = payload.getDouble(start + 8 * (from + place));
      }
      values.add(one);
    }
    return values;
  }

  private long nextRequestId() {
    long next = requestId + 1;
    requestId = next;
    return next;
  }

  private void send(ByteBuffer frame) throws LostException {
    if (frame.capacity() - FrameLayout.HEADER_BYTES > longestPayload) {
      throw new EngineException("memory_limit_exceeded", "The input is larger than an engine host accepts.");
    }
    heardAt = System.nanoTime();
    isComputing = true;
    try {
      write(frame);
    } catch (IOException cause) {
      throw lost("It takes no more requests.", cause);
    }
  }

  private void write(ByteBuffer frame) throws IOException {
    writing.lock();
    try {
      out.write(frame.array());
      out.flush();
    } finally {
      writing.unlock();
    }
  }

  /** Asks the host to stop what it computes, from any thread: the call ends with the code `cancelled`, or its result if that was first. */
  void cancel() {
    try {
      write(RequestFrames.cancel(requestId));
    } catch (IOException ended) {
      // The call ends by that.
    }
  }

  /** The next frame of the running request, progress left out. */
  private Frame nextFrame() throws LostException {
    Frame frame;
    try {
      do {
        frame = Frame.read(in, MAX_PAYLOAD_BYTES);
        heardAt = System.nanoTime();
      } while (frame.type() == FrameLayout.PROGRESS || frame.type() == FrameLayout.PONG);
    } catch (IOException cause) {
      throw lost("Its output ended.", cause);
    }
    isComputing = frame.type() == FrameLayout.DIAGRAM;
    if (frame.type() == FrameLayout.ERROR) {
      int status = frame.payload().getInt(0);
      if (status >= FrameLayout.FIRST_PROTOCOL_ERROR) {
        throw lost("It refused a frame with code " + status + ".", null);
      }
      residentBytes = frame.payload().getLong(32);
      throw EngineException.ofStatus(status, text(frame.payload(), 48, 240));
    }
    if (frame.requestId() != requestId) {
      throw lost("It answered another request.", null);
    }
    return frame;
  }

  private LostException lost(String reason, IOException cause) {
    close();
    return new LostException("The engine host " + process.pid() + " is lost. " + reason, cause);
  }

  private static String text(ByteBuffer payload, int offset, int length) {
    int end = offset;
    while (end < offset + length && payload.get(end) != 0) {
      end++;
    }
    return new String(payload.array(), offset, end - offset, StandardCharsets.UTF_8);
  }

  boolean isAlive() {
    return process.isAlive();
  }

  /** Ends the process at once, from any thread, and returns when it has ended. */
  @Override
  public void close() {
    if (watch != null) {
      watch.cancel(false);
    }
    process.destroyForcibly();
    boolean wasInterrupted = false;
    while (true) {
      try {
        process.waitFor();
        break;
      } catch (InterruptedException interrupted) {
        wasInterrupted = true;
      }
    }
    closeQuietly(out);
    closeQuietly(in);
    if (wasInterrupted) {
      Thread.currentThread().interrupt();
    }
  }

  private static void closeQuietly(AutoCloseable stream) {
    try {
      stream.close();
    } catch (Exception ended) {
      // The process has ended: there is nothing left that could be lost.
    }
  }
}
