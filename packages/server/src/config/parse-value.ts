import { createPrivateKey, type KeyObject } from "node:crypto";
import { isIP } from "node:net";
import type { SettingDefinition } from "@tda-platform/contract/settings";
import { SettingsError } from "./settings-error.ts";

export type SettingValue = string | number | boolean | readonly string[];

const minimumRsaBits = 2048;
const trueWords = new Set(["true", "1", "yes", "on"]);
const falseWords = new Set(["false", "0", "no", "off"]);
const byteUnits: Readonly<Record<string, number>> = {
  "": 1,
  kib: 1024,
  mib: 1024 ** 2,
  gib: 1024 ** 3,
  tib: 1024 ** 4,
};

/** Reads the text of one setting. Secrets never appear in the error. */
export function parseValue(definition: SettingDefinition, text: string): SettingValue {
  switch (definition.kind) {
    case "text":
    case "path":
      return text;
    case "host":
      return parseHost(definition, text);
    case "url":
      return parseUrl(definition, text);
    case "pem":
      return parsePem(definition, text);
    case "integer":
    case "number":
    case "bytes":
      return parseNumber(definition, text);
    case "boolean":
      return parseBoolean(definition, text);
    case "choice":
      return parseChoice(definition, text);
    case "choices":
      return parseChoices(definition, text);
    case "origins":
      return parseOrigins(definition, text);
  }
}

function wrong(definition: SettingDefinition, text: string, expected: string): SettingsError {
  const shown = definition.secret === undefined ? ` is ${JSON.stringify(text.slice(0, 80))} and` : "";
  return new SettingsError(definition.name, `${definition.name}${shown} must be ${expected}.`);
}

function parseHost(definition: SettingDefinition, text: string): string {
  const host = text.startsWith("[") && text.endsWith("]") ? text.slice(1, -1) : text;
  const isName = /^(?=.{1,253}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)(\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)*\.?$/i.test(
    host,
  );
  // Digits and dots that are no address ("127.0.0.256") are a slip, not a name.
  if (isIP(host) === 0 && (!isName || /^[\d.]+$/.test(host))) {
    throw wrong(definition, text, "an IP address or a host name, without port");
  }
  return host;
}

const urlSchemes: Readonly<Record<string, readonly string[]>> = {
  DATABASE_URL: ["postgresql:", "postgres:"],
  TDA_DATABASE_OWNER_URL: ["postgresql:", "postgres:"],
  REDIS_URL: ["redis:", "rediss:"],
  TDA_PUBLIC_URL: ["https:", "http:"],
  TDA_OIDC_ISSUER: ["https:", "http:"],
  TDA_S3_ENDPOINT: ["https:", "http:"],
  TDA_SCHEMA_REGISTRY_URL: ["https:", "http:"],
};

function parseUrl(definition: SettingDefinition, text: string): string {
  const schemes = urlSchemes[definition.name] ?? [];
  const expected = `a URL that begins with ${schemes.map((scheme) => `${scheme}//`).join(" or ")}`;
  if (!schemes.some((scheme) => text.startsWith(`${scheme}//`))) throw wrong(definition, text, expected);
  // `postgresql://user@/name?host=/run/postgresql` is libpq's form for a Unix socket; WHATWG URLs want a host.
  if (!URL.canParse(text) && !URL.canParse(text.replace("@/", "@localhost/"))) throw wrong(definition, text, expected);
  return text;
}

function parsePem(definition: SettingDefinition, text: string): string {
  const pem = text.replaceAll("\\n", "\n").trim();
  let key: KeyObject;
  try {
    key = createPrivateKey(pem);
  } catch (error) {
    throw new SettingsError(
      definition.name,
      `${definition.name} must be an RSA private key in PEM without passphrase.`,
      { cause: error },
    );
  }
  const bits = key.asymmetricKeyDetails?.modulusLength ?? 0;
  if (key.asymmetricKeyType !== "rsa" || bits < minimumRsaBits) {
    const found = key.asymmetricKeyType === "rsa" ? `${bits} bits` : `a key of type ${key.asymmetricKeyType}`;
    throw new SettingsError(
      definition.name,
      `${definition.name} must be an RSA private key of at least ${minimumRsaBits} bits, and is ${found}.`,
    );
  }
  return `${pem}\n`;
}

function parseNumber(definition: SettingDefinition & { kind: "integer" | "number" | "bytes" }, text: string): number {
  const { minimum, maximum, kind } = definition;
  const noun =
    kind === "bytes"
      ? "a number of bytes (KiB, MiB and GiB may follow)"
      : kind === "integer"
        ? "a whole number"
        : "a number";
  const expected = `${noun} from ${minimum} to ${maximum}`;
  const pattern =
    kind === "bytes" ? /^(\d+)\s*([kmgt]ib)?$/i : kind === "integer" ? /^(-?\d+)$/ : /^(-?\d+(?:\.\d+)?)$/;
  const match = pattern.exec(text);
  if (match === null) throw wrong(definition, text, expected);
  const value = Number(match[1]) * byteUnits[(match[2] ?? "").toLowerCase()]!;
  if (!(value >= minimum && value <= maximum)) throw wrong(definition, text, expected);
  return value;
}

function parseBoolean(definition: SettingDefinition, text: string): boolean {
  const word = text.toLowerCase();
  if (trueWords.has(word)) return true;
  if (falseWords.has(word)) return false;
  throw wrong(definition, text, "true or false");
}

function parseChoice(definition: SettingDefinition & { kind: "choice" }, text: string): string {
  if (!definition.choices.includes(text)) throw wrong(definition, text, definition.choices.join(" or "));
  return text;
}

function parseChoices(definition: SettingDefinition & { kind: "choices" }, text: string): readonly string[] {
  const given = text
    .split(",")
    .map((one) => one.trim())
    .filter((one) => one !== "");
  const isKnown = given.every((one) => definition.choices.includes(one));
  if (!isKnown || given.length === 0) throw wrong(definition, text, `some of ${definition.choices.join(", ")}`);
  return definition.choices.filter((one) => given.includes(one));
}

function parseOrigins(definition: SettingDefinition, text: string): readonly string[] {
  const origins = text
    .split(",")
    .map((origin) => origin.trim())
    .filter((origin) => origin !== "");
  for (const origin of origins) {
    const url = URL.canParse(origin) ? new URL(origin) : null;
    if (url === null || !/^https?:$/.test(url.protocol) || url.origin !== origin) {
      throw wrong(definition, origin, "origins such as https://console.example.org, comma-separated, without path");
    }
  }
  return origins;
}
