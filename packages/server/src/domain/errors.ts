import type { DependencyStatus } from "./ports.ts";

/** A dependency cannot answer now and may soon: HTTP says 503 with Retry-After. The message is for operators. */
export class DependencyUnavailable extends Error {
  override readonly name = "DependencyUnavailable";
  readonly dependency: DependencyStatus["name"];
  readonly retryAfterSeconds: number;

  constructor(
    dependency: DependencyStatus["name"],
    message: string,
    retryAfterSeconds: number,
    options?: ErrorOptions,
  ) {
    super(message, options);
    this.dependency = dependency;
    this.retryAfterSeconds = retryAfterSeconds;
  }
}
