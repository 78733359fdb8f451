/**
 * Writes docs/reference/settings.md from the table of settings. With --check it writes nothing and fails when the page is
 * not what the table says.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { type SettingDefinition, type SettingGroup, settingDefinitions } from "@tda-platform/contract/settings";

/** Said only of what came later. */
const firstRelease = "0.1.0";
const page = new URL("../../docs/reference/settings.md", import.meta.url);

const groups: Readonly<Record<SettingGroup, string>> = {
  server: "Server",
  storage: "Storage",
  events: "Event log",
  limits: "Limits",
  engine: "Engine",
  jobs: "Jobs",
  streams: "Streams",
  identity: "Identity",
  webhooks: "Webhooks",
  features: "Features",
  operations: "Operations",
};

const text = `# Settings

Generated from \`packages/contract/src/settings.ts\` by \`node tools/generate/settings.ts\`: change it there.

A setting is given in the environment, or in the file that \`TDA_CONFIG_FILE\` names ([how](../how-to/configure.md)); the
environment wins. An empty value counts as not given. A wrong value, and an unknown name that begins with \`TDA_\`, stop the
start with a sentence. \`npx --no-install tda config print\` shows what the server would use, without secrets.

${Object.entries(groups)
  .map(([group, title]) => section(group as SettingGroup, title))
  .join("\n")}
## Not settings of the server

| name | meaning |
| --- | --- |
| \`TDA_CONFIG_FILE\` | Configuration file; relative to the working folder. Unset: \`.env\` there, if there is one. |
| \`TDA_SERVER_URL\` | Server that the command line talks to, as \`--server\`. |
| \`TDA_API_KEY\` | API key that the command line sends, as \`--api-key\`. |
`;

function section(group: SettingGroup, title: string): string {
  const rows = (Object.values(settingDefinitions) as SettingDefinition[])
    .filter((definition) => definition.group === group)
    .map(
      (definition) =>
        `| \`${definition.name}\` | ${values(definition)} | ${standard(definition)} | ${meaning(definition)} |`,
    );
  return `## ${title}\n\n| name | value | default | meaning |\n| --- | --- | --- | --- |\n${rows.join("\n")}\n`;
}

function values(definition: SettingDefinition): string {
  switch (definition.kind) {
    case "integer":
    case "number":
      return `${definition.kind === "integer" ? "whole number" : "number"}, ${number(definition.minimum)} to ${number(definition.maximum)}`;
    case "bytes":
      return `bytes, ${bytes(definition.minimum)} to ${bytes(definition.maximum)}`;
    case "boolean":
      return "`true` or `false`";
    case "choice":
      return definition.choices.map((choice) => `\`${choice}\``).join(", ");
    case "origins":
      return "origins, comma-separated";
    case "pem":
      return "PEM";
    case "url":
      return "URL";
    case "host":
      return "address or name";
    default:
      return definition.kind;
  }
}

function standard(definition: SettingDefinition): string {
  if (definition.automatic !== undefined) return definition.automatic;
  if (definition.default === null || (Array.isArray(definition.default) && definition.default.length === 0))
    return "not set";
  if (definition.kind === "bytes") return bytes(definition.default as number);
  return `\`${definition.default}\``;
}

function meaning({ summary, secret, since }: SettingDefinition): string {
  const shown =
    secret === undefined ? "" : secret === "value" ? " Secret: never shown." : " Its password is never shown.";
  return `${summary}${shown}${since === firstRelease ? "" : ` Since ${since}.`}`;
}

function number(value: number): string {
  return value.toLocaleString("en-US", { maximumFractionDigits: 20 });
}

function bytes(value: number): string {
  const units = ["B", "KiB", "MiB", "GiB", "TiB"];
  let unit = 0;
  let rest = value;
  while (rest >= 1024 && rest % 1024 === 0 && unit < units.length - 1) {
    rest /= 1024;
    unit += 1;
  }
  return `${rest} ${units[unit]}`;
}

if (process.argv.includes("--check")) {
  if (readFileSync(page, "utf8") !== text) {
    console.error(
      "docs/reference/settings.md is not what the table of settings says: run `node tools/generate/settings.ts`.",
    );
    process.exitCode = 1;
  }
} else writeFileSync(page, text);
