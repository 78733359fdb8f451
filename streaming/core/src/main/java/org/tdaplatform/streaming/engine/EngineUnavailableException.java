package org.tdaplatform.streaming.engine;

/** There is no engine to ask: it says nothing about the computation, which may be tried again. */
public final class EngineUnavailableException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public EngineUnavailableException(String message, Throwable cause) {
    super(message, cause);
  }
}
