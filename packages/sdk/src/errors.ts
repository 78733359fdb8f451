import type { Problem, ProblemPlace } from "@tda-platform/contract/problems";

/** The server answered with a problem document (RFC 9457). Decide by `code`; texts are for people. */
export class ProblemError extends Error {
  override readonly name = "ProblemError";
  readonly code: string;
  readonly status: number;
  readonly title: string;
  readonly requestId: string;
  /** Places in the request that are wrong, by JSON Pointer. */
  readonly errors: readonly ProblemPlace[];
  /** Seconds after which to try again, where the server said so. */
  readonly retryAfterSeconds: number | null;
  /** The whole document: some codes have members of their own. */
  readonly problem: Readonly<Problem & Record<string, unknown>>;

  constructor(problem: Problem & Record<string, unknown>, retryAfterSeconds: number | null) {
    super(problem.detail);
    this.code = problem.code;
    this.status = problem.status;
    this.title = problem.title;
    this.requestId = problem.request_id;
    this.errors = problem.errors ?? [];
    this.retryAfterSeconds = retryAfterSeconds;
    this.problem = problem;
  }
}

/** No answer came: the server is not there, or the connection broke. */
export class ConnectionError extends Error {
  override readonly name = "ConnectionError";
  readonly url: string;

  constructor(url: string, options?: ErrorOptions) {
    super(`No answer from ${url}.`, options);
    this.url = url;
  }
}

/** The answer is not what the contract says: something else listens there, or a proxy answered. */
export class UnexpectedAnswerError extends Error {
  override readonly name = "UnexpectedAnswerError";
  readonly url: string;
  readonly status: number;

  constructor(url: string, status: number, reason: string, options?: ErrorOptions) {
    super(`${url} answered ${status} with ${reason}.`, options);
    this.url = url;
    this.status = status;
  }
}
