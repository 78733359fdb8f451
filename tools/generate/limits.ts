/** Writes docs/reference/limits.md from the table of limits. With --check it only compares. */
import { LIMIT_NAMES, LIMITS, type LimitDefinition, type LimitName } from "@tda-platform/contract/limits";
import { type SettingDefinition, settingDefinitions } from "@tda-platform/contract/settings";
import { cell, number, writePage } from "./support/write-page.ts";

const text = `# Limits

Generated from \`packages/contract/src/limits/\` by \`node tools/generate/limits.ts\`: change it there.

Everything that a request can make grow has a limit. \`GET /v1/limits\` tells the present values of a server; here are the
defaults. A limit with a setting is changed by [that setting](settings.md); the others are fixed in this version.

| limit | default | unit | setting | passing it is | what it bounds |
| --- | --- | --- | --- | --- | --- |
${LIMIT_NAMES.map(row).join("\n")}
`;

function row(name: LimitName): string {
  const { value, unit, summary, problem }: LimitDefinition = LIMITS[name];
  const setting: SettingDefinition | null = "setting" in value ? settingDefinitions[value.setting] : null;
  const standard = "fixed" in value ? number(value.fixed) : (setting?.automatic ?? number(Number(setting?.default)));
  const refused = problem === null ? "" : `[\`${problem}\`](problems.md#${problem})`;
  return `| \`${name}\` | ${cell(standard)} | ${unit} | ${setting === null ? "" : `\`${setting.name}\``} | ${refused} | ${cell(summary)} |`;
}

writePage("limits.md", "limits.ts", text);
