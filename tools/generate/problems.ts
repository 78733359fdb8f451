/** Writes docs/reference/problems.md from the catalogue of problems. With --check it only compares. */
import { OPERATION_IDS, operation } from "@tda-platform/contract/operations";
import { PROBLEM_CODES, PROBLEMS, type ProblemCode } from "@tda-platform/contract/problems";
import { writePage } from "./support/write-page.ts";

const statuses = [...new Set(PROBLEM_CODES.map((code) => PROBLEMS[code].status))].sort((a, b) => a - b);

const text = `# Problems

Generated from \`packages/contract/src/problems/\` by \`node tools/generate/problems.ts\`: change it there.

Every error answer is \`application/problem+json\` (RFC 9457):

\`\`\`json
{
  "type": "/docs/problems#ragged_rows",
  "title": "Rows of unequal length",
  "status": 422,
  "detail": "The row has 1 entries instead of 2.",
  "instance": "/v1/compute/vietoris-rips",
  "code": "ragged_rows",
  "request_id": "req-5f0c…",
  "errors": [{ "pointer": "/points/3", "detail": "The row has 1 entries instead of 2." }]
}
\`\`\`

Decide by \`code\`: it is stable. \`title\` and \`detail\` are for people and may change. \`errors\` names the places that are wrong
by JSON Pointer (RFC 6901) into the body; a query parameter is named as if it were a field. Bodies that can't be parsed are 400,
bodies that can and are wrong are 422. A 503 has \`Retry-After\`. \`request_id\` finds the request in the server's log.

${statuses.map(section).join("\n")}`;

function section(status: number): string {
  const codes = PROBLEM_CODES.filter((code) => PROBLEMS[code].status === status);
  return `## ${status}\n\n${codes.map(entry).join("\n")}`;
}

function entry(code: ProblemCode): string {
  const { title, meaning, remedy, retryable } = PROBLEMS[code];
  const own = OPERATION_IDS.filter((id) => operation(id).problems.includes(code)).map((id) => `\`${id}\``);
  const retry = retryable ? " The same request may succeed later." : "";
  const where = own.length === 0 ? "" : `\n\nOf ${own.join(", ")}.`;
  return `### ${code}\n\n**${title}.** ${meaning}\n\n${remedy}${retry}${where}\n`;
}

writePage("problems.md", "problems.ts", text);
