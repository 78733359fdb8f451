/** One kind of error answer. `code` is stable; texts are for people and may change. */
export interface ProblemDefinition {
  readonly status: number;
  readonly title: string;
  /** The same request may succeed later without change. */
  readonly retryable: boolean;
  /** What it means, for the reference. */
  readonly meaning: string;
  /** What the caller does about it. */
  readonly remedy: string;
}
