import { type ChildProcess, execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { mkdir, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { homedir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";
import type { S3Options } from "../s3-store.ts";

export interface MotoServer {
  /** For a bucket that is there already. */
  readonly options: S3Options;
  stop(): Promise<void>;
}

const VERSION = "5.2.5";
const readyLimitMs = 60_000;
const run = promisify(execFile);

/** moto (PyPI), an S3 server in memory, on a free loopback port, with a fresh bucket. */
export async function startMotoServer(): Promise<MotoServer> {
  const bin = await installMoto();
  const port = await freePort();
  const child = spawn(join(bin, "moto_server"), ["-H", "127.0.0.1", "-p", String(port)], { stdio: "ignore" });
  const endpoint = `http://127.0.0.1:${port}`;
  const bucket = "tda-blobs";
  for (const end = Date.now() + readyLimitMs; ; await sleep(100)) {
    const made = await fetch(`${endpoint}/${bucket}`, { method: "PUT" }).catch(() => null);
    if (made?.ok === true) break;
    if (Date.now() > end) throw new Error("moto did not become ready");
  }
  const credentials = { accessKeyId: "test", secretAccessKey: "test" };
  return {
    options: { bucket, region: "us-east-1", endpoint, isPathStyle: true, credentials },
    stop: () => stop(child),
  };
}

async function installMoto(): Promise<string> {
  const cache =
    process.env.TDA_TOOLS_CACHE ?? join(process.env.XDG_CACHE_HOME ?? join(homedir(), ".cache"), "tda-platform");
  const folder = join(cache, `moto-${VERSION}`);
  if (!existsSync(join(folder, ".ready"))) {
    await rm(folder, { recursive: true, force: true });
    await mkdir(cache, { recursive: true });
    await run("python3", ["-m", "venv", folder]);
    await run(join(folder, "bin", "pip"), ["install", "--quiet", `moto[s3,server]==${VERSION}`]);
    await writeFile(join(folder, ".ready"), "");
  }
  return join(folder, "bin");
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as { port: number };
  server.close();
  await once(server, "close");
  return port;
}

async function stop(child: ChildProcess): Promise<void> {
  const ended = once(child, "exit");
  child.kill("SIGKILL");
  await ended;
}
