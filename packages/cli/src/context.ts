import type { Terminal } from "./terminal.ts";

/** What commands see of the process. */
export interface CliContext {
  readonly stdout: Terminal;
  readonly stderr: Terminal;
  readonly env: Readonly<Record<string, string | undefined>>;
}
