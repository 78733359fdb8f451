import { chmodSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { RunningServer } from "@tda-platform/server/start/serve";
import { serve } from "@tda-platform/server/start/serve";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { runTda, temporaryFolder, withoutNativeEngine } from "./run-tda.ts";

const folder = temporaryFolder();
// Reachable for the account of the embedded database when the tests run as root.
chmodSync(folder, 0o755);
const dataDir = join(folder, "data");
const config = join(folder, "config");
const loginFile = join(config, "tda", "logins.json");
const password = "correct horse battery staple";
let server: RunningServer;
let env: Readonly<Record<string, string>>;

beforeAll(async () => {
  const settings = { ...withoutNativeEngine, TDA_DATA_DIR: dataDir, API_PORT: "0", TDA_LOG_LEVEL: "silent" };
  server = await serve({ env: settings, handlesSignals: false, showsKey: false });
  env = { TDA_DATA_DIR: dataDir, XDG_CONFIG_HOME: config };
});
afterAll(() => server.stop("the tests are over"));

const tda = (args: readonly string[], more: { stdin?: string; env?: Record<string, string> } = {}) =>
  runTda(args, folder, { env: { ...env, ...more.env }, ...(more.stdin === undefined ? {} : { stdin: more.stdin }) });

async function output(args: readonly string[], stdin?: string): Promise<string> {
  const { code, stdout, stderr } = await tda(args, stdin === undefined ? {} : { stdin });
  expect(code, stderr).toBe(0);
  return stdout;
}

/** The access token has run out, as far as the file knows. */
function expireLogin(): void {
  const logins = JSON.parse(readFileSync(loginFile, "utf8")) as Record<string, object>;
  const expired = Object.entries(logins).map(([url, login]) => [url, { ...login, expires_at: 0 }]);
  writeFileSync(loginFile, JSON.stringify(Object.fromEntries(expired)));
}

describe("without a login", () => {
  it("the local key is used, and shows who one is", async () => {
    const me = await output(["whoami"]);
    expect(me).toMatch(/role +admin/);
    expect(me).toContain("keys.manage");
  });
});

describe("keys", () => {
  it("are made, listed, rotated and revoked; the secret alone is on standard output", async () => {
    const secret = (
      await output(["keys", "create", "ci", "--role", "viewer", "--scope", "jobs.read", "--expires-in-days", "2"])
    ).trim();
    expect(secret).toMatch(/^tda_/);
    expect((await tda(["whoami", "--api-key", secret])).stdout).toMatch(
      /permissions +(service\.read, jobs\.read|jobs\.read, service\.read)/,
    );
    const list = await output(["keys", "list"]);
    const id = /(key_\S+) .*ci$/m.exec(list)?.[1] ?? "";
    expect(list).not.toContain(secret);
    const next = (await output(["keys", "rotate", id, "--overlap-seconds", "60"])).trim();
    expect((await tda(["whoami", "--api-key", next])).code).toBe(0);
    expect(await output(["keys", "revoke", id])).toContain(id);
    expect((await tda(["keys", "revoke", id])).code).toBe(1);
    expect(JSON.parse(await output(["keys", "list", "--json"]))).toHaveProperty("items");
  });
});

describe("users", () => {
  it("are added, changed and removed by name", async () => {
    expect(await output(["users", "add", "grace", "--role", "viewer"], `${password}\n`)).toContain("role viewer");
    expect(await output(["users", "update", "grace", "--role", "operator"])).toContain("role operator");
    expect(await output(["users", "update", "grace", "--disable"])).toContain("closed");
    expect(await output(["users", "list"])).toMatch(/grace +operator +closed/);
    expect((await tda(["users", "update", "grace"])).code).toBe(2);
    expect(await output(["users", "remove", "grace"])).toContain("grace");
    expect((await tda(["users", "remove", "grace"])).stderr).toContain("grace");
  });
});

describe("a login", () => {
  it("is used instead of the local key, renewed by itself, and ended", async () => {
    await output(["users", "add", "ada", "--role", "analyst"], `${password}\n`);
    expect((await tda(["login", "--username", "ada"], { stdin: "wrong password" })).stderr).toContain(
      "invalid_credentials",
    );
    expect(await output(["login", "--username", "ada"], `${password}\n`)).toContain("as ada");
    expect(statSync(loginFile).mode & 0o777).toBe(0o600);
    expect(statSync(join(config, "tda")).mode & 0o777).toBe(0o700);
    expect(readFileSync(loginFile, "utf8")).not.toContain(password);
    expect(await output(["whoami"])).toMatch(/^ada on .*\n.*\n +role +analyst/);
    expireLogin();
    // Side by side, as scripts do: the refresh token is used once.
    const both = await Promise.all([tda(["whoami"]), tda(["whoami"]), tda(["whoami"])]);
    expect(both.map(({ code }) => code)).toEqual([0, 0, 0]);
    chmodSync(loginFile, 0o644);
    expect((await tda(["whoami"])).stderr).toContain("chmod 600");
    chmodSync(loginFile, 0o600);
    expect(await output(["logout"])).toContain("Logged out");
    expect(await output(["whoami"])).toMatch(/role +admin/);
    expect((await tda(["logout"])).code).toBe(1);
  });

  it("that has ended is told, and forgotten", async () => {
    await output(["login", "--username", "ada"], `${password}\n`);
    await output([
      "users",
      "remove",
      "ada",
      "--api-key",
      readFileSync(join(dataDir, "keys", "local-api-key"), "utf8").trim(),
    ]);
    expireLogin();
    const { code, stderr } = await tda(["whoami"]);
    expect(code).toBe(1);
    expect(stderr).toContain("tda login");
    expect(await output(["whoami"])).toMatch(/role +admin/);
  });
});

describe("projects and the audit log", () => {
  it("are shown; a new project's key is its own", async () => {
    const secret = (await output(["projects", "create", "lab"])).trim();
    expect(await output(["projects", "list"])).toContain("lab");
    expect(await output(["whoami", "--api-key", secret])).toContain("lab");
    const audit = await output(["audit", "--operation", "project.create"]);
    expect(audit).toMatch(/key_\S+ +project\.create +succeeded \(201\) +prj_/);
    const lines = (await output(["audit", "--export", "--from", "2020-01-01T00:00:00+02:00"])).trimEnd().split("\n");
    expect(lines.length).toBeGreaterThan(5);
    expect(lines.map((line) => (JSON.parse(line) as { operation: string }).operation)).toContain("key.rotate");
    expect((await tda(["audit", "--from", "yesterday"])).code).toBe(2);
  });
});
