import { randomBytes } from "node:crypto";
import {
  appendFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import pg from "pg";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { BackupDamaged } from "../../adapters/backup/manifest.ts";
import { databaseAccount } from "../../adapters/database/embedded/account.ts";
import { installBinaries } from "../../adapters/database/embedded/binaries.ts";
import { findInstance } from "../../adapters/database/embedded/running-instance.ts";
import { type ExternalPostgres, startExternalPostgres } from "../../adapters/database/testing/external-postgres.ts";
import { type TemporaryDir, temporaryDir } from "../../adapters/database/testing/temporary-dir.ts";
import { StartError } from "../../internal/start-error.ts";
import { type ServerProcess, startServerProcess } from "../testing/server-process.ts";
import { createBackup } from "./create-backup.ts";
import { restoreBackup } from "./restore-backup.ts";
import type { BackupSummary } from "./summary.ts";
import { verifyBackup } from "./verify-backup.ts";

/** Two frames. */
const DATASET = Array.from({ length: 150_000 }, (_, i) => `${i},${i % 7}\n`).join("");
const PASSPHRASE = "correct horse battery staple";

let dir: TemporaryDir;
let systemDir: string;
const servers: ServerProcess[] = [];

beforeAll(async () => {
  dir = await temporaryDir(0o755);
  systemDir = join(dir.path, "system");
  mkdirSync(systemDir, { mode: 0o755 });
  await installBinaries([systemDir], databaseAccount("nobody"));
});
afterEach(async () => {
  for (const server of servers.splice(0)) await stop(server);
});
afterAll(() => dir.remove());

const env = (data: string, more: Record<string, string> = {}): Record<string, string> => ({
  TDA_DATA_DIR: join(dir.path, data),
  TDA_DATABASE_SYSTEM_DIR: systemDir,
  XDG_CACHE_HOME: dir.path,
  FEATURE_ENABLE_AUTHENTICATION: "true",
  ...more,
});
const at = (name: string): string => join(dir.path, name);

async function start(settings: Record<string, string>): Promise<{ url: string; server: ServerProcess }> {
  const server = startServerProcess(settings);
  servers.push(server);
  const { url, message } = await server.said;
  if (url === undefined) throw new Error(message);
  return { url, server };
}

async function stop(server: ServerProcess): Promise<void> {
  server.child.kill("SIGTERM");
  await server.ended;
}

const keyOf = (data: string): string => readFileSync(join(dir.path, data, "keys", "local-api-key"), "utf8").trim();

interface Client {
  text(path: string): Promise<string>;
  upload(path: string, csv: string): Promise<Record<string, unknown>>;
  get(path: string): Promise<unknown>;
  post(path: string, body?: unknown): Promise<Record<string, unknown>>;
}

function client(url: string, apiKey: string): Client {
  const send = async (method: string, path: string, body: string | null = null, type = "application/json") => {
    const headers = { "x-api-key": apiKey, "content-type": type };
    const answer = await fetch(url + path, { method, headers, body });
    const text = await answer.text();
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${text}`);
    return text;
  };
  const parsed = async (text: Promise<string>) => JSON.parse(await text) as Record<string, unknown>;
  return {
    get: (path) => parsed(send("GET", path)),
    text: (path) => send("GET", path),
    post: (path, body) => parsed(send("POST", path, body === undefined ? null : JSON.stringify(body))),
    upload: (path, csv) => parsed(send("POST", path, csv, "text/csv")),
  };
}

/** Does something of everything, and returns how to see it again. */
async function fill(one: Client): Promise<(again: Client) => Promise<unknown>> {
  await one.post("/v1/compute/vietoris-rips", {
    points: [
      [0, 0],
      [1, 0],
      [0, 1],
    ],
  });
  const job = await one.post("/v1/jobs/compute", {
    algorithm: "vietoris-rips",
    input: {
      points: [
        [0, 0],
        [1, 0],
        [1, 1],
        [0, 1],
      ],
    },
  });
  const path = `/v1/jobs/${String(job.job_id)}`;
  for (;;) {
    const { status } = (await one.get(path)) as { status: string };
    if (status === "succeeded") break;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  await one.post("/v1/webhooks/secrets");
  const { id } = await one.upload("/v1/datasets", DATASET);
  return async (again) => ({
    dataset: await again.get(`/v1/datasets/${String(id)}`),
    content: await again.text(`/v1/datasets/${String(id)}/content`),
    jobs: await again.get("/v1/jobs"),
    diagrams: ((await again.get(`${path}/result`)) as { diagrams: unknown }).diagrams,
    secrets: await again.get("/v1/webhooks/secrets"),
  });
}

describe("an embedded database", () => {
  let look: (again: Client) => Promise<unknown>;
  let seen: unknown;
  let made: BackupSummary;

  beforeAll(async () => {
    const { url } = await start(env("first"));
    const one = client(url, keyOf("first"));
    look = await fill(one);
    seen = await look(one);
    // The server runs on, and so does the writing.
    made = await createBackup({ env: env("first"), folder: at("online"), passphrase: PASSPHRASE });
    await one.post("/v1/webhooks/secrets");
  });

  it("comes back whole: jobs, results, secrets, and the API key that was in use", async () => {
    expect(made).toMatchObject({ hasKeys: true, keysApart: [] });
    expect(made.rows).toBeGreaterThan(5);
    expect(await verifyBackup({ folder: at("online"), passphrase: PASSPHRASE })).toMatchObject({ rows: made.rows });
    const restored = await restoreBackup({ env: env("second"), folder: at("online"), passphrase: PASSPHRASE });
    expect(restored.rows).toBe(made.rows);
    expect(keyOf("second")).toBe(keyOf("first"));
    const { url } = await start(env("second"));
    const again = client(url, keyOf("first"));
    expect(await look(again)).toEqual(seen);
    await fill(again);
  });

  it("is backed up without a server too, and the same comes of it", async () => {
    const offline = await createBackup({ env: env("second"), folder: at("offline"), passphrase: null });
    expect(offline).toMatchObject({ hasKeys: false, schemaVersion: made.schemaVersion });
    expect(offline.keysApart).toEqual(["encryption-key", "jwt-signing.pem", "local-api-key"]);
    expect(await verifyBackup({ folder: at("offline"), passphrase: null })).toMatchObject({ rows: offline.rows });
    const third = { env: env("third"), folder: at("offline"), passphrase: null };
    await expect(restoreBackup(third)).rejects.toThrow(/encryption-key/);
    mkdirSync(at("third/keys"), { mode: 0o700 });
    for (const name of offline.keysApart) {
      writeFileSync(at(`third/keys/${name}`), readFileSync(at(`second/keys/${name}`)), { mode: 0o600 });
    }
    await restoreBackup(third);
    await createBackup({ env: env("third"), folder: at("again"), passphrase: null });
    // The same rows, whatever their order.
    const rows = (of: string, table: string) =>
      readFileSync(at(`${of}/tables/${table}`), "utf8")
        .split("\n")
        .sort();
    for (const table of readdirSync(at("offline/tables")))
      expect(rows("again", table), table).toEqual(rows("offline", table));
  });

  it("has row-level security as before", async () => {
    const { url } = await start(env("third"));
    expect(url).toMatch(/^http/);
    const found = await findInstance({ dataDir: at("third"), systemDir, accountName: "nobody" });
    if (found.state !== "running") return expect.unreachable(found.state);
    const owner = new pg.Client({ ...found.owner });
    await owner.connect();
    const { rows } = await owner.query(
      "select relname from pg_class where relnamespace = 'tda'::regnamespace and relrowsecurity and not relforcerowsecurity",
    );
    expect(rows).toEqual([]);
    const { rows: disabled } = await owner.query(
      "select tgname from pg_trigger t join pg_class c on c.oid = t.tgrelid where c.relnamespace = 'tda'::regnamespace and tgenabled <> 'O'",
    );
    expect(disabled).toEqual([]);
    await owner.end();
  });

  it("is not restored over anything", async () => {
    await expect(restoreBackup({ env: env("first"), folder: at("online"), passphrase: PASSPHRASE })).rejects.toThrow(
      StartError,
    );
    await start(env("third"));
    await expect(restoreBackup({ env: env("third"), folder: at("online"), passphrase: PASSPHRASE })).rejects.toThrow(
      /stop it first/,
    );
    mkdirSync(at("keyed/keys"), { recursive: true, mode: 0o700 });
    writeFileSync(at("keyed/keys/encryption-key"), "another\n", { mode: 0o600 });
    await expect(restoreBackup({ env: env("keyed"), folder: at("online"), passphrase: PASSPHRASE })).rejects.toThrow(
      /another key/,
    );
    expect(readdirSync(at("keyed/keys"))).toEqual(["encryption-key"]);
  });

  it("wants the passphrase that it was given", async () => {
    const wrong = { env: env("locked"), folder: at("online") };
    await expect(restoreBackup({ ...wrong, passphrase: "another passphrase" })).rejects.toThrow(/do not open/);
    await expect(restoreBackup({ ...wrong, passphrase: null })).rejects.toThrow(/passphrase/);
    expect(existsSync(at("locked"))).toBe(false);
    const short = { env: env("first"), folder: at("short"), passphrase: "short" };
    await expect(createBackup(short)).rejects.toThrow(/at least/);
    expect(readdirSync(dir.path).filter((name) => name.startsWith("short"))).toEqual([]);
  });

  it("shows no key without the passphrase", () => {
    const sealed = readFileSync(at("online/keys.sealed"), "latin1");
    const key = readFileSync(at("first/keys/encryption-key"), "latin1").trim();
    for (const secret of [keyOf("first"), key, Buffer.from(key).toString("base64")])
      expect(sealed).not.toContain(secret);
    const tables = readdirSync(at("online/tables")).map((name) => readFileSync(at(`online/tables/${name}`), "latin1"));
    for (const text of tables) expect(text).not.toContain("whsec_");
  });

  it("is not there before it is whole, and takes no place that is taken", async () => {
    await expect(createBackup({ env: env("first"), folder: at("online"), passphrase: null })).rejects.toThrow(
      /already/,
    );
    await expect(createBackup({ env: env("none"), folder: at("nothing"), passphrase: null })).rejects.toThrow(
      /nothing to back up/,
    );
    expect(readdirSync(dir.path).filter((name) => name.includes("partial") || name.startsWith("nothing"))).toEqual([]);
  });

  const copy = (): string => {
    const folder = at(`damaged-${randomBytes(4).toString("hex")}`);
    cpSync(at("online"), folder, { recursive: true });
    return folder;
  };

  it.each([
    ["tables/jobs.copy", "a changed byte", (path: string) => flip(path)],
    ["tables/api_keys.copy", "a missing file", (path: string) => rmSync(path)],
    ["tables/outbox.copy", "a cut end", (path: string) => truncateSync(path, 10)],
    ["tables/projects.copy", "more than there was", (path: string) => appendFileSync(path, "x\n")],
    ["keys.sealed", "a changed byte", (path: string) => flip(path)],
    ["manifest.json", "a changed byte", (path: string) => flip(path)],
    ["blobs/list.jsonl", "more than there was", (path: string) => appendFileSync(path, "{}\n")],
    ["blobs/*/*", "a changed byte", (path: string) => flip(path)],
  ])("is refused with the name of the part that is damaged: %s, %s", async (given, _how, damage) => {
    const folder = copy();
    const part = given.includes("*") ? objectOf(folder) : given;
    damage(join(folder, part));
    for (const work of [verifyBackup, restoreBackup]) {
      const error = await work({ env: env("untouched"), folder, passphrase: PASSPHRASE }).catch(
        (thrown: unknown) => thrown,
      );
      expect(error).toBeInstanceOf(BackupDamaged);
      expect((error as BackupDamaged).part).toBe(part);
      expect((error as BackupDamaged).message).toContain(part);
    }
    expect(existsSync(at("untouched"))).toBe(false);
  });

  it("has an object that was damaged before, which the keys tell", async () => {
    const object = objectOf(at("third"));
    flip(at(`third/${object}`));
    await createBackup({ env: env("third"), folder: at("rotten"), passphrase: PASSPHRASE });
    expect(await verifyBackup({ folder: at("rotten"), passphrase: null })).toMatchObject({ blobs: 2 });
    const error = await verifyBackup({ folder: at("rotten"), passphrase: PASSPHRASE }).catch(
      (thrown: unknown) => thrown,
    );
    expect(error).toMatchObject({ part: object, message: expect.stringContaining("does not open") });
  });

  it("fails by the name of an object that is lost", async () => {
    const object = objectOf(at("third"));
    rmSync(at(`third/${object}`));
    const lost = createBackup({ env: env("third"), folder: at("lost"), passphrase: null });
    await expect(lost).rejects.toThrow(object.split("/")[2]!);
    expect(existsSync(at("lost"))).toBe(false);
  });
});

/** The only object of a backup, or of a data folder. */
function objectOf(folder: string): string {
  const [project] = readdirSync(join(folder, "blobs")).filter((name) => name.startsWith("prj_"));
  const [object] = readdirSync(join(folder, "blobs", project!));
  return `blobs/${project}/${object}`;
}

function flip(path: string): void {
  const bytes = readFileSync(path);
  bytes[Math.floor(bytes.length / 2)]! ^= 1;
  writeFileSync(path, bytes);
}

describe("a PostgreSQL of one's own", () => {
  let postgres: ExternalPostgres;
  beforeAll(async () => {
    postgres = await startExternalPostgres();
    await postgres.query("create role tda_owner login createrole");
    await postgres.query("create role tda_server login");
  });
  afterAll(() => postgres.stop());

  it("goes into an embedded one and back, with a login of its own and with one for all", async () => {
    await postgres.query("create database one owner tda_owner encoding 'UTF8' template template0");
    await postgres.query("create database two owner tda_owner encoding 'UTF8' template template0");
    const two = {
      DATABASE_URL: postgres.url("tda_server", "two"),
      TDA_DATABASE_OWNER_URL: postgres.url("tda_owner", "two"),
    };
    const one = env("external", { DATABASE_URL: postgres.url("tda_owner", "one") });
    const first = await start(one);
    const filled = client(first.url, keyOf("external"));
    const look = await fill(filled);
    const seen = await look(filled);
    await createBackup({ env: one, folder: at("from-external"), passphrase: PASSPHRASE });
    await restoreBackup({ env: env("embedded"), folder: at("from-external"), passphrase: PASSPHRASE });
    const second = await start(env("embedded"));
    expect(await look(client(second.url, keyOf("external")))).toEqual(seen);
    await createBackup({ env: env("embedded"), folder: at("from-embedded"), passphrase: PASSPHRASE });
    await restoreBackup({ env: env("external-2", two), folder: at("from-embedded"), passphrase: PASSPHRASE });
    const third = await start(env("external-2", two));
    expect(await look(client(third.url, keyOf("external")))).toEqual(seen);
  }, 240_000);

  it("is backed up by the owner of the tables only", async () => {
    const settings = env("external", { DATABASE_URL: postgres.url("tda_server", "two") });
    await expect(createBackup({ env: settings, folder: at("less"), passphrase: null })).rejects.toThrow(/own/);
  });
});
