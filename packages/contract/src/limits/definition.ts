import type { SettingKey } from "../settings.ts";

/** One bound of the service: fixed by this version, or the value of a setting. */
export interface LimitDefinition {
  readonly unit:
    | "bytes"
    | "seconds"
    | "milliseconds"
    | "points"
    | "dimensions"
    | "levels"
    | "times"
    | "characters"
    | "computations"
    | "requests_per_second"
    | "count";
  readonly value: { readonly fixed: number } | { readonly setting: SettingKey };
  readonly summary: string;
  /** Code of the problem that passing the limit is answered with; null where nothing is refused. */
  readonly problem: string | null;
}
