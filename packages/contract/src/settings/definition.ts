interface Described {
  /** Name in the environment and in a configuration file. */
  readonly name: string;
  readonly group: SettingGroup;
  /** One or two sentences for the reference page, without the default. */
  readonly summary: string;
  /** First release that knows it. */
  readonly since: string;
  /** `value`: never shown. `password`: a URL whose password is never shown. */
  readonly secret?: "value" | "password";
  /** For a default of `auto`: what it becomes. */
  readonly automatic?: string;
}

export type SettingGroup =
  | "server"
  | "storage"
  | "events"
  | "limits"
  | "engine"
  | "jobs"
  | "streams"
  | "identity"
  | "webhooks"
  | "features"
  | "operations";

/** `null` as default: not set. `auto` as default: worked out at start, as `automatic` says. */
export type SettingDefinition =
  | (Described & { readonly kind: "text" | "host" | "path" | "url" | "pem"; readonly default: string | null })
  | (Described & {
      /** `bytes` also takes KiB, MiB and GiB. `integer` and `number` are plain; the unit is the end of the name. */
      readonly kind: "integer" | "number" | "bytes";
      readonly default: number | "auto";
      readonly minimum: number;
      readonly maximum: number;
    })
  | (Described & { readonly kind: "boolean"; readonly default: boolean })
  | (Described & { readonly kind: "choice"; readonly choices: readonly string[]; readonly default: string })
  /** Any of the choices, comma-separated in the environment, at least one. */
  | (Described & { readonly kind: "choices"; readonly choices: readonly string[]; readonly default: readonly string[] })
  /** Comma-separated in the environment. */
  | (Described & { readonly kind: "origins"; readonly default: readonly string[] });

export const KiB = 1024;
export const MiB = 1024 * KiB;
export const GiB = 1024 * MiB;
export const TiB = 1024 * GiB;
