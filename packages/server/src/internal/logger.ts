import { createRequire } from "node:module";
import { type Logger, pino } from "pino";
import type prettyStream from "pino-pretty";

export type { Logger } from "pino";

export interface LoggerOptions {
  readonly level: "trace" | "debug" | "info" | "warn" | "error" | "fatal" | "silent";
  readonly format: "auto" | "json" | "pretty";
  /** Where lines go; standard output unless told. */
  readonly stream?: NodeJS.WritableStream & { readonly isTTY?: boolean };
}

/** Paths that never reach a log line, whatever object is logged. */
const redactedPaths = [
  "apiKey",
  "password",
  "*.apiKey",
  "*.password",
  "headers.authorization",
  "headers.cookie",
  'headers["x-api-key"]',
  "req.headers.authorization",
  "req.headers.cookie",
  'req.headers["x-api-key"]',
];

/** The server's logger: JSON lines, or lines for people on a terminal. Secrets are redacted by path. */
export function createLogger(options: LoggerOptions): Logger {
  const stream = options.stream ?? process.stdout;
  const settings = {
    level: options.level,
    base: null,
    timestamp: pino.stdTimeFunctions.isoTime,
    redact: { paths: redactedPaths, censor: "[redacted]" },
  };
  const isPretty = options.format === "pretty" || (options.format === "auto" && stream.isTTY === true);
  if (!isPretty) {
    const output = options.stream ?? groupedOutput();
    const logger = pino(settings, output);
    lineOutputs.set(logger, output);
    return logger;
  }
  // Loaded only where people read: it costs a start more than the logger itself.
  const pretty = createRequire(import.meta.url)("pino-pretty") as typeof prettyStream;
  return pino(
    settings,
    // Synchronous and on this thread: a line written just before the exit is not lost.
    pretty({
      destination: stream,
      sync: true,
      colorize: stream.isTTY === true,
      translateTime: "SYS:HH:MM:ss.l",
      ignore: "pid,hostname",
      singleLine: true,
    }),
  );
}

/** Takes whole lines with their line end, in order with those of its logger. */
export interface LineOutput {
  write(line: string): unknown;
}

const lineOutputs = new WeakMap<Logger, LineOutput>();

/** Where a logger of JSON lines writes them, for lines made by the caller; null for other loggers. */
export function lineOutput(logger: Logger): LineOutput | null {
  return lineOutputs.get(logger) ?? null;
}

/**
 * Standard output, written in groups: a write for each line takes a cached answer as long as everything else of it. A line
 * waits for 100 ms at most, and the exit writes what is left: only SIGKILL can lose one.
 */
function groupedOutput() {
  const output = pino.destination({ dest: 1, sync: true, minLength: 8192, periodicFlush: 100 });
  process.once("exit", () => output.flushSync());
  return output;
}
