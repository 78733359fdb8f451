import { ProblemError } from "../problem.ts";

/** Whether there is room to write. The reserve is kept free: PostgreSQL stops for good when its log can't grow. */
export interface DiskSpace {
  /** @throws ProblemError `insufficient_storage` when writing so many bytes would go into the reserve. */
  require(bytes: number): void;
  /** Tells that a write found the disk full. */
  reportFull(): void;
}

/** Of a server that keeps nothing on a disk of its own. */
export const UNLIMITED_DISK: DiskSpace = { require: () => undefined, reportFull: () => undefined };

export function insufficientStorage(cause?: unknown): ProblemError {
  return new ProblemError("insufficient_storage", "There is not enough room left to store this.", { cause });
}
