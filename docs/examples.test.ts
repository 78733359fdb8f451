/**
 * Runs the examples of the documentation against a server started as README says. In a page, a fenced block marked
 * `sh test` is run by bash in the repository's root and must succeed, one marked `ts test` is run by Node; a block marked
 * `output` right after it lists lines that must appear in what was printed, in order (`…` stands for anything).
 */
import { type ChildProcess, spawn } from "node:child_process";
import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

const root = join(import.meta.dirname, "..");
const folder = mkdtempSync(join(tmpdir(), "tda-docs-"));
// Reachable for the account of the embedded database, whose data then goes with the folder.
chmodSync(folder, 0o755);
const dataFolder = join(folder, "data");

interface Example {
  readonly page: string;
  readonly line: number;
  readonly language: "sh" | "ts";
  readonly code: string;
  readonly expected: readonly string[];
}

const examples = pages().flatMap(examplesOf);
let server: ChildProcess;
let port: number;

beforeAll(async () => {
  port = await freePort();
  server = spawn("npm", ["start", "--silent"], {
    cwd: root,
    detached: true,
    stdio: ["ignore", "ignore", "inherit"],
    env: environment(),
  });
  await until(async () => (await fetch(`http://127.0.0.1:${port}/health/ready`)).ok);
});

afterAll(async () => {
  const ended = new Promise((resolve) => server.once("exit", resolve));
  if (server.pid !== undefined && server.exitCode === null) {
    process.kill(-server.pid, "SIGTERM");
    await ended;
  }
  rmSync(folder, { recursive: true, force: true });
});

describe.each([...new Set(examples.map((example) => example.page))])("%s", (page) => {
  it.each(examples.filter((example) => example.page === page).map((example) => [example.line, example] as const))(
    "line %i",
    async (_line, example) => {
      const { code, output } = await run(example);
      expect(code, output).toBe(0);
      let from = 0;
      for (const line of example.expected) {
        const match = new RegExp(line.split("…").map(RegExp.escape).join(".*"), "s").exec(output.slice(from));
        expect(match, `${line}\n— is not in —\n${output.slice(from)}`).not.toBeNull();
        from += (match?.index ?? 0) + (line.includes("…") ? 0 : line.length);
      }
    },
  );
});

function pages(): string[] {
  const inDocs = readdirSync(join(root, "docs"), { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".md"))
    .map((name) => join("docs", name));
  return ["README.md", ...inDocs].sort();
}

function examplesOf(page: string): Example[] {
  const lines = readFileSync(join(root, page), "utf8").split("\n");
  const found: Example[] = [];
  const blockFrom = (start: number) => {
    const end = lines.indexOf("```", start + 1);
    return { body: lines.slice(start + 1, end), end };
  };
  for (let index = 0; index < lines.length; index++) {
    const language = /^```(sh|ts) test$/.exec(lines[index]!)?.[1];
    if (language !== "sh" && language !== "ts") continue;
    const { body, end } = blockFrom(index);
    let next = end + 1;
    while (lines[next] === "") next++;
    const expected = lines[next] === "```output" ? blockFrom(next).body.filter((line) => line.trim() !== "") : [];
    found.push({ page, line: index + 1, language, code: body.join("\n"), expected });
    index = end;
  }
  return found;
}

function environment(): NodeJS.ProcessEnv {
  return {
    ...process.env,
    API_PORT: String(port),
    TDA_DATA_DIR: dataFolder,
    TDA_SERVER_URL: `http://127.0.0.1:${port}`,
    NO_COLOR: "1",
  };
}

/** Pages say port 8000, the default; the server of this test has a free one. Files that examples write go to a folder of ours. */
async function run(example: Example): Promise<{ code: number | null; output: string }> {
  const code = example.code.replaceAll("127.0.0.1:8000", `127.0.0.1:${port}`).replaceAll(".tda/", `${dataFolder}/`);
  const file = join(root, "build", `docs-example-${process.pid}.${example.language}`);
  writeFileSync(file, example.language === "sh" ? `set -euo pipefail\n${code}\n` : code);
  const child =
    example.language === "sh"
      ? spawn("bash", [file], { cwd: root, env: environment() })
      : spawn(process.execPath, [file], { cwd: root, env: environment() });
  let output = "";
  child.stdout.on("data", (chunk) => {
    output += chunk;
  });
  child.stderr.on("data", (chunk) => {
    output += chunk;
  });
  const status = await new Promise<number | null>((resolve) => child.on("close", resolve));
  rmSync(file, { force: true });
  return { code: status, output };
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.on("error", reject);
    probe.listen(0, "127.0.0.1", () => {
      const address = probe.address();
      probe.close(() => resolve(typeof address === "object" && address !== null ? address.port : 0));
    });
  });
}

async function until(condition: () => Promise<boolean>, limitMs = 150_000): Promise<void> {
  for (const end = Date.now() + limitMs; Date.now() < end; await new Promise((resolve) => setTimeout(resolve, 100))) {
    if (await condition().catch(() => false)) return;
  }
  throw new Error("the server was not ready in time");
}
