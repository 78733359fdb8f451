import { type SettingDefinition, type SettingKey, settingDefinitions } from "@tda-platform/contract/settings";
import type { Settings } from "./settings.ts";

export interface DescribedSetting {
  readonly name: string;
  readonly group: SettingDefinition["group"];
  /** For people; secrets are redacted, null is "not set". */
  readonly value: string | null;
  /** "default", "environment" or the configuration file. */
  readonly source: string;
  readonly isSecret: boolean;
  readonly summary: string;
}

/** The resolved settings in the table's order, safe to show and to log. */
export function describeSettings(settings: Settings): readonly DescribedSetting[] {
  return (Object.entries(settingDefinitions) as [SettingKey, SettingDefinition][]).map(([key, definition]) => {
    const source = settings.sources[key];
    return {
      name: definition.name,
      group: definition.group,
      value: show(definition, settings[key]),
      source: source.from === "file" ? source.file : source.from,
      isSecret: definition.secret !== undefined,
      summary: definition.summary,
    };
  });
}

function show(definition: SettingDefinition, value: Settings[SettingKey]): string | null {
  if (value === null) return null;
  if (definition.secret === "value") return "[redacted]";
  if (definition.secret === "password") return redactUrl(String(value));
  return Array.isArray(value) ? value.join(",") : String(value);
}

/** Hides the password of a URL, also where libpq allows it: in the query. */
export function redactUrl(url: string): string {
  return url
    .replace(/^([a-z][a-z0-9+.-]*:\/\/[^:@/?#]*):.*@/i, "$1:[redacted]@")
    .replace(/([?&](?:password|sslpassword|sslkey)=)[^&#]*/gi, "$1[redacted]");
}
