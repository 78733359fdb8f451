import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { findMoto } from "./install.mjs";
import { ServerProcess } from "./server-process.ts";
import type { Supervisor } from "./supervisor.ts";

export interface S3Addresses {
  readonly endpoint: string;
  readonly region: string;
  /** The server takes any; clients need some. */
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  /** One that exists. Buckets are in the path, not in the host's name. */
  readonly bucket: string;
}

/**
 * An S3 server: moto. It checks no signatures and keeps objects in memory: after `kill` and `restart` it has its bucket, empty.
 * For an outage that keeps them, `freeze` it or put a FaultProxy before it.
 */
export class S3Server extends ServerProcess implements S3Addresses {
  readonly region = "us-east-1";
  readonly accessKeyId = "tda";
  readonly secretAccessKey = randomBytes(16).toString("hex");
  readonly bucket = "tda";

  private constructor(supervisor: Supervisor, folder: string, executable: string) {
    super(supervisor, {
      name: "s3",
      program: (port) => ({
        command: executable,
        args: ["-H", "127.0.0.1", "-p", String(port)],
        cwd: folder,
        env: { PATH: "/usr/bin:/bin", LC_ALL: "C.UTF-8", TZ: "UTC", PYTHONDONTWRITEBYTECODE: "1", TMPDIR: folder },
        logFile: join(folder, "s3.log"),
      }),
      isReady: async () => {
        await this.newBucket(this.bucket);
        return true;
      },
      stopSignal: "SIGTERM",
    });
  }

  static async start(supervisor: Supervisor, folder: string): Promise<S3Server> {
    const server = new S3Server(supervisor, folder, await findMoto());
    await server.startUp();
    return server;
  }

  get endpoint(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  /** A bucket that is there already stays as it is. */
  newBucket(name?: string): Promise<string> {
    return newBucket(this, name);
  }
}

/** An empty bucket, from any process that knows the addresses. */
export async function newBucket(
  { endpoint }: Pick<S3Addresses, "endpoint">,
  name = `tda-${randomBytes(6).toString("hex")}`,
): Promise<string> {
  const answer = await fetch(`${endpoint}/${name}`, { method: "PUT", signal: AbortSignal.timeout(10_000) });
  await answer.body?.cancel();
  if (!answer.ok) throw new Error(`the S3 server makes no bucket ${name}: ${answer.status}`);
  return name;
}
