import { existsSync, readFileSync } from "node:fs";
import { extname, resolve } from "node:path";
import { parseEnv } from "node:util";
import { parse as parseToml, TomlError } from "smol-toml";
import { SettingsError } from "./settings-error.ts";

export interface ConfigFile {
  /** As the user named it, for messages. */
  readonly path: string;
  /** Text of every entry, by the setting's name. */
  readonly entries: ReadonlyMap<string, string>;
  /** An unknown name is an error. False for a `.env` found by chance, which may serve other programs too. */
  readonly isOurs: boolean;
}

/**
 * The configuration file: TDA_CONFIG_FILE, else `.env` in the working folder when there is one. `.toml` is read as TOML
 * with the settings' names as keys (small letters allowed), anything else as `NAME=value` lines.
 */
export function readConfigFile(named: string | undefined, workingDir: string): ConfigFile | null {
  const path = named ?? ".env";
  const absolute = resolve(workingDir, path);
  if (named === undefined && !existsSync(absolute)) return null;
  let text: string;
  try {
    text = readFileSync(absolute, "utf8");
  } catch (error) {
    throw new SettingsError("TDA_CONFIG_FILE", `The configuration file ${absolute} cannot be read: ${reason(error)}.`, {
      cause: error,
    });
  }
  const entries = extname(absolute) === ".toml" ? tomlEntries(text, path) : envEntries(text);
  return { path, entries, isOurs: named !== undefined };
}

function envEntries(text: string): Map<string, string> {
  return new Map(
    Object.entries(parseEnv(text)).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
  );
}

function tomlEntries(text: string, path: string): Map<string, string> {
  let table: Readonly<Record<string, unknown>>;
  try {
    table = parseToml(text);
  } catch (error) {
    if (!(error instanceof TomlError)) throw error;
    const sentence = error.message.split("\n", 1)[0];
    throw new SettingsError(
      "TDA_CONFIG_FILE",
      `${path} is not TOML: line ${error.line}, column ${error.column}: ${sentence}.`,
      {
        cause: error,
      },
    );
  }
  const entries = new Map<string, string>();
  for (const [key, value] of Object.entries(table)) {
    const name = key.toUpperCase();
    const isList = Array.isArray(value) && value.every((item) => typeof item === "string");
    if (!isList && !["string", "number", "bigint", "boolean"].includes(typeof value)) {
      throw new SettingsError(name, `${key} in ${path} must be a string, a number, true, false or a list of strings.`);
    }
    entries.set(name, isList ? value.join(",") : String(value));
  }
  return entries;
}

function reason(error: unknown): string {
  const code = (error as NodeJS.ErrnoException).code;
  if (code === "ENOENT") return "it does not exist";
  if (code === "EACCES") return "permission denied";
  if (code === "EISDIR") return "it is a folder";
  return String(code ?? error);
}
