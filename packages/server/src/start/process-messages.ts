import type { SharedDatabase } from "../adapters/database/open-database.ts";

/** What the first process of an instance tells one that answers requests. */
export type ToApiProcess =
  | {
      readonly kind: "start";
      readonly env: Readonly<Record<string, string | undefined>>;
      readonly workingDir: string;
      readonly database: SharedDatabase;
    }
  | { readonly kind: "stop"; readonly reason: string; readonly isForced: boolean }
  /** Asks for the process's own metrics. */
  | { readonly kind: "own-metrics"; readonly request: number }
  /** The metrics of the whole instance, as asked for. */
  | { readonly kind: "metrics"; readonly request: number; readonly text: string };

/** What a process that answers requests tells the first one. */
export type FromApiProcess =
  | { readonly kind: "listening"; readonly url: string }
  | { readonly kind: "failed"; readonly message: string }
  | { readonly kind: "own-metrics"; readonly request: number; readonly metrics: readonly object[] }
  /** Asks for the metrics of the whole instance. */
  | { readonly kind: "metrics"; readonly request: number };
