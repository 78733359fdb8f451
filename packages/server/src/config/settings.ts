import { resolve } from "node:path";
import {
  otherKnownNames,
  otherKnownPrefixes,
  type SettingDefinition,
  type SettingKey,
  type SettingValues,
  settingDefinitions,
} from "@tda-platform/contract/settings";
import { isLoopbackHost } from "../internal/loopback.ts";
import { automaticValues } from "./automatic-values.ts";
import { readConfigFile } from "./config-file.ts";
import { nearestName } from "./nearest-name.ts";
import { oidcRoles } from "./oidc-roles.ts";
import { parseValue, type SettingValue } from "./parse-value.ts";
import { SettingsError } from "./settings-error.ts";

export { SettingsError } from "./settings-error.ts";

/** Where a value came from; `file` is the configuration file as it was named. */
export type SettingSource =
  | { readonly from: "default" | "environment" }
  | { readonly from: "file"; readonly file: string };

/** Every setting, checked, and where each came from. */
export interface Settings extends SettingValues {
  readonly sources: Readonly<Record<SettingKey, SettingSource>>;
}

export interface LoadOptions {
  /** Folder that relative paths start from; the current one unless told. */
  readonly workingDir?: string;
}

type Environment = Readonly<Record<string, string | undefined>>;
interface Given {
  readonly text: string;
  readonly source: SettingSource;
}

const definitions = Object.entries(settingDefinitions) as [SettingKey, SettingDefinition][];
const names = new Set<string>([...definitions.map(([, definition]) => definition.name), ...otherKnownNames]);

/**
 * Settings from the environment, then the configuration file, then the defaults. An empty value counts as not given.
 * @throws SettingsError with one sentence for a wrong value, an unknown name or a combination that cannot be served.
 */
export function loadSettings(env: Environment, options: LoadOptions = {}): Settings {
  const workingDir = options.workingDir ?? process.cwd();
  const given = collect(env, workingDir);
  const values: Partial<Record<SettingKey, SettingValue | null>> = {};
  const sources: Partial<Record<SettingKey, SettingSource>> = {};
  for (const [key, definition] of definitions) {
    const entry = given.get(definition.name);
    sources[key] = entry?.source ?? { from: "default" };
    if (entry !== undefined) values[key] = parseValue(definition, entry.text);
    else if (definition.automatic === undefined) values[key] = definition.default;
    const value = values[key];
    if (definition.kind === "path" && typeof value === "string") values[key] = resolve(workingDir, value);
  }
  const settings = { ...values, ...automaticValues(values as Partial<SettingValues>), sources } as Settings;
  refuseUnserved(settings);
  refuseUnsafe(settings);
  return settings;
}

function collect(env: Environment, workingDir: string): Map<string, Given> {
  const given = new Map<string, Given>();
  const file = readConfigFile(env.TDA_CONFIG_FILE || undefined, workingDir);
  for (const [name, text] of file?.entries ?? []) {
    if (file?.isOurs || name.startsWith("TDA_")) refuseUnknown(name, ` in ${file?.path}`);
    if (text !== "") given.set(name, { text, source: { from: "file", file: file?.path ?? "" } });
  }
  for (const [name, text] of Object.entries(env)) {
    if (name.startsWith("TDA_")) refuseUnknown(name, "");
    if (text !== undefined && text !== "") given.set(name, { text, source: { from: "environment" } });
  }
  return given;
}

function refuseUnknown(name: string, place: string): void {
  if (names.has(name) || otherKnownPrefixes.some((prefix) => name.startsWith(prefix))) return;
  const nearest = nearestName(name, names);
  const hint = nearest === null ? "docs/reference/settings.md lists all" : `did you mean ${nearest}?`;
  throw new SettingsError(name, `${name}${place} is not a setting; ${hint}${hint.endsWith("?") ? "" : "."}`);
}

/** What later releases serve is refused, not ignored: who sets it counts on it. */
function refuseUnserved(settings: Settings): void {
  const unserved: readonly [boolean, string, string][] = [
    [settings.featureEnableTracing, "FEATURE_ENABLE_TRACING", "tracing is planned for release 0.4.0; set it to false"],
  ];
  for (const [isAsked, name, sentence] of unserved) {
    if (isAsked) throw new SettingsError(name, `${name} cannot be served yet: ${sentence}.`);
  }
}

function refuseUnsafe(settings: Settings): void {
  if (!settings.featureEnableAuthentication && !isLoopbackHost(settings.apiHost)) {
    throw new SettingsError(
      "FEATURE_ENABLE_AUTHENTICATION",
      `FEATURE_ENABLE_AUTHENTICATION=false is accepted only when API_HOST is a loopback address such as 127.0.0.1, and it is ${settings.apiHost}.`,
    );
  }
  if (settings.featureMockCppEngine && settings.nodeEnv === "production") {
    throw new SettingsError(
      "FEATURE_MOCK_CPP_ENGINE",
      "FEATURE_MOCK_CPP_ENGINE=true is refused when NODE_ENV is production: the TypeScript engine is slow and limited in size.",
    );
  }
  if (settings.databaseOwnerUrl !== null && settings.databaseUrl === null) {
    throw new SettingsError("TDA_DATABASE_OWNER_URL", "TDA_DATABASE_OWNER_URL needs DATABASE_URL as well.");
  }
  refuseUnsafeIssuer(settings);
  refuseUnsafeKafka(settings);
  if (settings.blobStore === "s3" && settings.s3Bucket === null) {
    throw new SettingsError("TDA_BLOB_STORE", "TDA_BLOB_STORE=s3 needs TDA_S3_BUCKET as well.");
  }
  if ((settings.s3AccessKeyId === null) !== (settings.s3SecretAccessKey === null)) {
    throw new SettingsError(
      "TDA_S3_ACCESS_KEY_ID",
      "TDA_S3_ACCESS_KEY_ID and TDA_S3_SECRET_ACCESS_KEY are given both or neither.",
    );
  }
  if (settings.databaseAccount === "root") {
    throw new SettingsError(
      "TDA_DATABASE_ACCOUNT",
      "TDA_DATABASE_ACCOUNT must be an account without privileges, not root.",
    );
  }
}

function refuseUnsafeIssuer({ oidcIssuer, oidcAudience, oidcRoleMapping, publicUrl }: Settings): void {
  oidcRoles(oidcRoleMapping);
  if ((oidcIssuer === null) !== (oidcAudience === null)) {
    throw new SettingsError("TDA_OIDC_ISSUER", "TDA_OIDC_ISSUER and TDA_OIDC_AUDIENCE need each other.");
  }
  if (oidcIssuer === null) return;
  const { protocol, hostname } = new URL(oidcIssuer);
  if (protocol !== "https:" && !isLoopbackHost(hostname)) {
    throw new SettingsError("TDA_OIDC_ISSUER", "TDA_OIDC_ISSUER must be https, unless it is on this machine.");
  }
  if (oidcIssuer === publicUrl) {
    throw new SettingsError(
      "TDA_OIDC_ISSUER",
      "TDA_OIDC_ISSUER must not be TDA_PUBLIC_URL, which is the built-in issuer.",
    );
  }
}

function refuseUnsafeKafka(settings: Settings): void {
  const { kafkaSecurityProtocol, kafkaSaslUsername, kafkaSaslPassword, kafkaTopicPrefix } = settings;
  const wants = kafkaSecurityProtocol.startsWith("SASL");
  if (wants !== (kafkaSaslUsername !== null) || wants !== (kafkaSaslPassword !== null)) {
    throw new SettingsError(
      "KAFKA_SECURITY_PROTOCOL",
      "KAFKA_SASL_USERNAME and KAFKA_SASL_PASSWORD are given with KAFKA_SECURITY_PROTOCOL=SASL_SSL or SASL_PLAINTEXT, and only then.",
    );
  }
  if (!/^[\w.-]{0,100}$/.test(kafkaTopicPrefix)) {
    throw new SettingsError(
      "KAFKA_TOPIC_PREFIX",
      "KAFKA_TOPIC_PREFIX has up to 100 letters, digits, `.`, `_` and `-`.",
    );
  }
}
