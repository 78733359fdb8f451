import { PROBLEMS, type ProblemCode, type ProblemPlace } from "@tda-platform/contract/problems";

export interface ProblemExtras {
  readonly places?: readonly ProblemPlace[];
  /** Members that this code adds to the document. */
  readonly members?: Readonly<Record<string, unknown>>;
  readonly retryAfterSeconds?: number;
  /** For the operator's log; never in the answer. */
  readonly cause?: unknown;
}

/** A problem of the catalogue, thrown where it is found and presented by the HTTP layer. `detail` is for the caller. */
export class ProblemError extends Error {
  override readonly name = "ProblemError";
  readonly code: ProblemCode;
  readonly places: readonly ProblemPlace[];
  readonly members: Readonly<Record<string, unknown>>;
  readonly retryAfterSeconds: number | null;

  constructor(code: ProblemCode, detail: string, extras: ProblemExtras = {}) {
    super(detail, extras.cause === undefined ? undefined : { cause: extras.cause });
    this.code = code;
    this.places = extras.places ?? [];
    this.members = extras.members ?? {};
    this.retryAfterSeconds = extras.retryAfterSeconds ?? null;
  }

  get status(): number {
    return PROBLEMS[this.code].status;
  }
}

/** A problem at one place of the request. */
export function problemAt(code: ProblemCode, pointer: string, detail: string): ProblemError {
  return new ProblemError(code, detail, { places: [{ pointer, detail }] });
}

/** A problem as plain data, to cross a thread. */
export interface PlainProblem {
  readonly code: ProblemCode;
  readonly detail: string;
  readonly places: readonly ProblemPlace[];
  readonly members: Readonly<Record<string, unknown>>;
}

export function toPlainProblem(problem: ProblemError): PlainProblem {
  return { code: problem.code, detail: problem.message, places: problem.places, members: problem.members };
}

export function fromPlainProblem(plain: PlainProblem): ProblemError {
  return new ProblemError(plain.code, plain.detail, { places: plain.places, members: plain.members });
}
