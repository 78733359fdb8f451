/** Writes docs/reference/http-api.md from the table of operations. With --check it only compares. */
import { COMPUTE_EXAMPLES } from "@tda-platform/contract/examples";
import type { JsonSchema } from "@tda-platform/contract/json-schema";
import {
  OPERATION_IDS,
  type OperationDefinition,
  type OperationId,
  type OperationResponse,
  operation,
} from "@tda-platform/contract/operations";
import { leastRole } from "@tda-platform/contract/permissions";
import { cell, writePage } from "./support/write-page.ts";

const text = `# HTTP API

Generated from \`packages/contract/src/operations/\` by \`node tools/generate/http-api.ts\`: change it there. A server has the
same as OpenAPI 3.1 at \`/openapi.json\` and as a page to try it at \`/docs\`.

## Conventions

- JSON in \`snake_case\`. An infinite death is \`null\`. Durations have their unit in the name (\`_ms\`, \`_seconds\`).
- Every error is a [problem](problems.md) with a stable \`code\`. Unknown fields and parameters are refused, so that a misspelt one
  is never silently ignored. [Limits](limits.md) are at \`/v1/limits\`.
- \`X-API-Key\` carries an API key, or \`Authorization: Bearer\` an access token; \`X-Project-Id\` chooses among a user's projects. Health, documentation and description need none, \`/metrics\` by setting. With authentication off
  (loopback only) every caller is administrator, and requests of other hosts, pages and proxies are refused.
- \`X-Request-Id\` is in every answer; a client's is kept if it is at most 64 characters of \`[A-Za-z0-9._-]\`. \`traceparent\` goes into
  the log.
- Bodies may be compressed once, by gzip or zstd. Answers are compressed by \`Accept-Encoding\` (zstd, br, gzip, deflate).
- \`RateLimit-Policy\` and \`RateLimit\` tell how many requests may come and how many are left (draft-ietf-httpapi-ratelimit-headers-10). Beyond a
  limit the answer is 429 with \`Retry-After\` and a code for each limit.
- \`Idempotency-Key\` (1 to 255 printable ASCII characters, such as a UUID) makes repeated requests one, where an operation says so: for 24 hours the
  same key and request get the first one's answer again, with \`Idempotency-Replayed: true\`. Another request under the key is
  [\`idempotency_key_reused\`](problems.md#idempotency_key_reused), one whose first is in progress [\`idempotency_in_progress\`](problems.md#idempotency_in_progress).
- \`HEAD\` answers as \`GET\` without the body; \`OPTIONS\` says in \`Allow\` what a path allows.

## Inputs of a computation

Exactly one of:

- \`points\`: n rows of d coordinates.
- \`distances\`: n rows of n, symmetric; or the lower triangle, with i entries in row i (the first is \`[]\`), or i + 1, ending in the
  diagonal. A diagonal entry is the point's birth and may not exceed its edges. \`null\` is no edge.
- \`sparse_distances\`: \`n\` points and three lists of one length; an absent pair, or a \`null\`, is no edge, a stored 0 is an edge at 0,
  (i,i) is a birth, and (i,j) and (j,i) agree if both are given.

The body may also be \`text/csv\` or \`application/x-npy\`, with the parameters in the query string and \`input_kind=points|distances\`
(points unless told; never guessed from squareness).

- **CSV**: comma-separated, UTF-8. A first line in which no field is a number is a header (\`nan\` counts as a number, so that a line
  of it is refused and not skipped). \`inf\` is no edge. Empty fields, and empty lines but at the end, are refused; an empty first
  line of distances is the first row of a strict lower triangle. Numbers are float64.
- **NPY**: format 1 to 3, C or Fortran order, either byte order. float32 stays float32; float64 and integers (that float64 can
  hold) become float64. One dimension is points on a line. Objects, structures, complex numbers, booleans and float16 are refused.

A negative \`threshold\` is allowed: no point is born at or below it, so the diagrams are empty.

\`input_sha256\` in an answer is equal for equal inputs of one element type, in whatever format and layout they came.

${OPERATION_IDS.map((id) => section(id, operation(id))).join("\n")}
## Examples

${examples()}`;

function section(id: OperationId, definition: OperationDefinition): string {
  const { method, path, aliases, description, permission, request, response, alternatives = [], problems } = definition;
  const paths = [path, ...aliases].map((one) => `\`${method} ${one}\``).join(", also ");
  const who =
    permission === null ? "No credentials." : `Role \`${leastRole(permission)}\` or above (\`${permission}\`).`;
  return [
    `## ${id}\n`,
    `${paths}\n`,
    `${definition.summary}. ${description} ${who}${definition.creates === true ? " Takes an `Idempotency-Key`." : ""}\n`,
    ...(request === null ? [] : requestParts(request)),
    ...[response, ...alternatives].flatMap(answerParts),
    ...(problems.length === 0
      ? []
      : [`Problems: ${problems.map((code) => `[\`${code}\`](problems.md#${code})`).join(", ")}.\n`]),
  ].join("\n");
}

function answerParts({ status, description, bodies }: OperationResponse): string[] {
  const types = Object.keys(bodies);
  const how = types.length === 0 ? "" : ` \`${types.join("`, `")}\``;
  return [`**${status}** ${description}${how}\n`, ...Object.values(bodies).map((schema) => fields(schema))];
}

function requestParts(request: NonNullable<OperationDefinition["request"]>): string[] {
  const json = request.bodies["application/json"];
  const path = Object.entries(request.path ?? {}).map(([name, schema]) => `- \`${name}\`: ${schema.description}`);
  const query = fields(request.query);
  const about = json === undefined ? "Query parameters" : "Query parameters, for bodies that are not JSON";
  const headers = Object.entries(request.headers).map(([name, schema]) => `- \`${name}\`: ${schema.description}`);
  return [
    ...(path.length === 0 ? [] : [`Of the path:\n\n${path.join("\n")}\n`]),
    ...(json === undefined ? [] : ["Fields of the JSON body:\n", fields(json)]),
    ...(query === "" ? [] : [`${about}:\n`, query]),
    ...(headers.length === 0 ? [] : [`Headers:\n\n${headers.join("\n")}\n`]),
  ];
}

/** A table of an object's fields; of nested objects too, by dotted names. */
function fields(schema: JsonSchema): string {
  const rows = [...rowsOf(schema, "")];
  return rows.length === 0
    ? ""
    : `| field | type | default | meaning |\n| --- | --- | --- | --- |\n${rows.join("\n")}\n`;
}

function* rowsOf(schema: JsonSchema, prefix: string): Generator<string> {
  for (const [name, inner] of Object.entries((schema.properties ?? {}) as Record<string, JsonSchema>)) {
    const standard = inner.default === undefined ? "" : `\`${JSON.stringify(inner.default)}\``;
    yield `| \`${prefix}${name}\` | ${cell(typeOf(inner))} | ${standard} | ${cell(String(inner.description ?? ""))} |`;
    if (inner.properties !== undefined) yield* rowsOf(inner, `${prefix}${name}.`);
  }
}

function typeOf(schema: JsonSchema): string {
  if (schema.const !== undefined) return `\`${JSON.stringify(schema.const)}\``;
  if (Array.isArray(schema.enum)) return schema.enum.map((value) => `\`${value}\``).join(", ");
  if (Array.isArray(schema.anyOf)) return (schema.anyOf as JsonSchema[]).map(typeOf).join(" or ");
  const types = [schema.type ?? "any"].flat() as string[];
  const items = schema.items as JsonSchema | undefined;
  const plain = types.map((type) => (type === "array" && items !== undefined ? `array of ${typeOf(items)}` : type));
  return plain.join(" or ") + range(schema);
}

function range({ minimum, maximum }: JsonSchema): string {
  // The largest exact integer is a bound of JSON's numbers and not of ours.
  const upper = maximum === Number.MAX_SAFE_INTEGER ? undefined : maximum;
  if (minimum === undefined && upper === undefined) return "";
  if (upper === undefined) return `, at least ${minimum}`;
  return minimum === undefined ? `, at most ${upper}` : `, ${minimum} to ${upper}`;
}

function examples(): string {
  const parts = Object.values(COMPUTE_EXAMPLES).map(
    ({ summary, value }) => `${summary}:\n\n\`\`\`json\n${JSON.stringify(value)}\n\`\`\`\n`,
  );
  return `${parts.join("\n")}
The same from a CSV file:

\`\`\`sh
curl -sS -H "X-API-Key: $TDA_API_KEY" -H 'Content-Type: text/csv' --data-binary $'0,0\\n1,0\\n1,1\\n0,1\\n' \\
  'http://127.0.0.1:8000/v1/compute/vietoris-rips?max_dimension=1'
\`\`\`
`;
}

writePage("http-api.md", "http-api.ts", text);
