import { CliError, EXIT } from "./cli-error.ts";

/** A launcher passes on what the terminal has sent already: signals this close are one. */
const REPEAT_MS = 1000;

/**
 * Runs work that Ctrl-C cancels: the first SIGINT or SIGTERM aborts the signal, a later one ends the process.
 * @throws CliError with the exit code of an interruption when the work ends because of it.
 */
export async function interruptible<Result>(work: (signal: AbortSignal) => Promise<Result>): Promise<Result> {
  const controller = new AbortController();
  let interruptedAt = 0;
  const interrupt = (): void => {
    if (!controller.signal.aborted) {
      interruptedAt = performance.now();
      controller.abort(new CliError("Interrupted.", { exitCode: EXIT.interrupted }));
    } else if (performance.now() - interruptedAt > REPEAT_MS) {
      process.exit(EXIT.interrupted);
    }
  };
  process.on("SIGINT", interrupt).on("SIGTERM", interrupt);
  try {
    return await work(controller.signal);
  } catch (error) {
    throw controller.signal.aborted ? controller.signal.reason : error;
  } finally {
    process.off("SIGINT", interrupt).off("SIGTERM", interrupt);
  }
}
