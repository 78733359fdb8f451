import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parseSync } from "@swc/core";
import { expect, it } from "vitest";

/**
 * No statement is made of values: where a text of SQL has something put into it, that is a constant of the module (or of
 * another), made when the program starts. Everything else goes by parameters.
 */

const sql = /^\s*(?:with|select|insert|update|delete|create|alter|drop|grant|revoke|set|notify|listen)\s/i;
const server = join(import.meta.dirname, "..", "..");

/** What is put into a statement and is no constant, by file and variable, and why that is safe. */
const known = new Map<string, string>([
  [
    "adapters/database/application-role.ts: role",
    "statements of the start, which take no parameters; a constant, or quoted",
  ],
  ["adapters/database/application-role.ts: name", "quoted by escapeIdentifier"],
  ["adapters/database/application-role.ts: privilege", "of the table of grants"],
  ["adapters/database/application-role.ts: table", "of the table of grants"],
  ["adapters/database/application-role.ts: ConditionalExpression", "of the table of grants"],
  ["adapters/database/application-role.ts: AwaitExpression", "one of two texts"],
  ["adapters/database/tenancy.ts: table", "statements of migrations, with the names of tables that these give"],
  [
    "adapters/database/tenancy.ts: projectColumn",
    "statements of migrations, with the names of columns that these give",
  ],
  ["adapters/database/database-listener.ts: channel", "listen takes no parameters: the name is checked"],
  ["adapters/database/identity/account-directory.ts: column", "one of two names, by its type"],
  ["adapters/database/identity/audit-log.ts: conditions", "texts of constants with the numbers of parameters"],
  ["adapters/database/identity/session-store.ts: condition", "one of two texts"],
  ["adapters/database/sealed-value-renewal.ts: keys", "of the three tables at its top"],
  ["adapters/database/sealed-value-renewal.ts: table", "of the three tables at its top"],
  ["adapters/database/sealed-value-renewal.ts: column", "of the three tables at its top"],
  ["adapters/database/sealed-value-renewal.ts: more", "of the three tables at its top"],
  ["adapters/database/sealed-value-renewal.ts: name", "of the three tables at its top"],
  ["adapters/database/sealed-value-renewal.ts: where", "of the three tables at its top"],
  ["adapters/database/sealed-value-renewal.ts: BinaryExpression", "of the three tables at its top"],
  ["adapters/database/backup/dump.ts: table", "of the catalogue"],
  ["adapters/database/backup/load.ts: table", "of the catalogue: one that is not in it is refused before"],
  ["adapters/database/backup/load.ts: name", "of a manifest that the operator restores"],
  ["adapters/database/backup/load.ts: parent", "of a manifest that the operator restores"],
  ["adapters/database/backup/load.ts: bound", "of a manifest that the operator restores"],
  ["adapters/database/erasure/erasure-store.ts: table", "of the catalogue"],
  ["adapters/database/erasure/project-tables.ts: table", "of the catalogue"],
  ["adapters/database/erasure/project-tables.ts: role", "a constant of the start"],
]);

interface Node {
  readonly type: string;
  readonly [name: string]: unknown;
}

function* nodes(value: unknown): Generator<Node> {
  if (Array.isArray(value)) for (const one of value) yield* nodes(one);
  else if (value !== null && typeof value === "object") {
    if (typeof (value as Node).type === "string") yield value as Node;
    for (const one of Object.values(value)) yield* nodes(one);
  }
}

function sourceFiles(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter(({ name }) => name.endsWith(".ts") && !name.endsWith(".test.ts"))
    .map(({ parentPath, name }) => join(parentPath, name))
    .filter((file) => !/\/(?:migrations|testing)\//.test(file));
}

/** Names that a module makes once: imports, constants and functions at its top. */
function namesAtTop(body: readonly Node[]): Set<string> {
  const names = new Set<string>();
  for (const item of body) {
    const declaration = (item.type === "ExportDeclaration" ? item.declaration : item) as Node;
    if (item.type === "ImportDeclaration") {
      for (const { local } of item.specifiers as { local: { value: string } }[]) names.add(local.value);
    } else if (declaration.type === "VariableDeclaration") {
      for (const { id } of declaration.declarations as { id: { value: string } }[]) names.add(id.value);
    }
  }
  return names;
}

/** The variable that an expression starts from: `columns` of `columns.map(…)`. */
function rootOf(node: Node): string | null {
  if (node.type === "Identifier") return node.value as string;
  if (node.type === "MemberExpression") return rootOf(node.object as Node);
  if (node.type === "CallExpression") return rootOf(node.callee as Node);
  return null;
}

/** Parts of statements that are made where the module is loaded, inside of its constants. */
function isInConstant(node: Node, body: readonly Node[]): boolean {
  return body.some((item) => {
    const declaration = (item.type === "ExportDeclaration" ? item.declaration : item) as Node;
    if (declaration.type !== "VariableDeclaration") return false;
    for (const one of nodes(declaration)) if (one === node) return true;
    return false;
  });
}

it("no statement is made of values", () => {
  const found: string[] = [];
  const used = new Set<string>();
  let statements = 0;
  for (const file of sourceFiles(server)) {
    const name = file.slice(server.length + 1);
    const text = readFileSync(file, "utf8");
    const { body } = parseSync(text, { syntax: "typescript", target: "es2024" }) as unknown as { body: Node[] };
    const constants = namesAtTop(body);
    for (const node of nodes(body)) {
      if (node.type === "StringLiteral" && sql.test(node.value as string)) statements++;
      if (node.type === "BinaryExpression" && node.operator === "+") {
        const left = node.left as Node;
        if (left.type === "StringLiteral" && sql.test(left.value as string))
          found.push(`${name}: a statement is concatenated`);
      }
      if (node.type !== "TemplateLiteral") continue;
      const [first] = node.quasis as { raw: string }[];
      if (first === undefined || !sql.test(first.raw)) continue;
      statements++;
      if (isInConstant(node, body)) continue;
      for (const expression of node.expressions as Node[]) {
        const root = rootOf(expression);
        const what = `${name}: ${root ?? expression.type}`;
        if (root !== null && constants.has(root)) continue;
        if (known.has(what)) used.add(what);
        else found.push(`${what} in ${first.raw.slice(0, 60)}`);
      }
    }
  }
  expect(found).toEqual([]);
  // What is no longer there is not to be excused either.
  expect([...known.keys()].filter((what) => !used.has(what))).toEqual([]);
  expect(statements).toBeGreaterThan(40);
});

it("SQL is in adapters/database only", () => {
  const statement = /["'`]\s*(?:select .+ from|insert into|update tda\.|delete from|create table) /i;
  const elsewhere = sourceFiles(server)
    .filter((file) => !file.startsWith(join(server, "adapters", "database")))
    .filter((file) => statement.test(readFileSync(file, "utf8")));
  expect(elsewhere).toEqual([]);
});
