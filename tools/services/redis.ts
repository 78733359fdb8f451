import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { mkdir, symlink, writeFile } from "node:fs/promises";
import { connect } from "node:net";
import { join } from "node:path";
import { findRedis } from "./install.mjs";
import { ServerProcess } from "./server-process.ts";
import type { Supervisor } from "./supervisor.ts";

export interface RedisOptions {
  /** Valkey (the open fork of Redis 7) from the Python packages, whatever Redis the machine has. */
  readonly valkey?: boolean;
  /** More lines of redis.conf. */
  readonly settings?: Readonly<Record<string, string>>;
}

export interface RedisAddresses {
  /** With its password; append `/N` for one of its 4096 databases. */
  readonly url: string;
}

/** A Redis server with a password on loopback. What a client was told to be written survives `kill -9`. */
export class RedisServer extends ServerProcess implements RedisAddresses {
  readonly #password: string;

  private constructor(supervisor: Supervisor, folder: string, executable: string, password: string) {
    super(supervisor, {
      name: "redis",
      program: (port) => ({
        command: executable,
        args: [join(folder, "redis.conf"), "--port", String(port)],
        cwd: folder,
        env: { PATH: "/usr/bin:/bin", LC_ALL: "C", TZ: "UTC" },
        logFile: join(folder, "redis.log"),
      }),
      isReady: (port) => answersPing(port, password),
      stopSignal: "SIGTERM",
    });
    this.#password = password;
  }

  static async start(supervisor: Supervisor, folder: string, options: RedisOptions = {}): Promise<RedisServer> {
    const password = randomBytes(16).toString("hex");
    const settings: Record<string, string> = {
      bind: "127.0.0.1",
      requirepass: password,
      databases: "4096",
      dir: join(folder, "data"),
      appendonly: "yes",
      appendfsync: "everysec",
      save: '""',
      ...options.settings,
    };
    const lines = Object.entries(settings).map(([name, value]) => `${name} ${value}\n`);
    await mkdir(join(folder, "data"), { mode: 0o700 });
    await writeFile(join(folder, "redis.conf"), lines.join(""), { mode: 0o600 });
    // The program tells by its name what it is to be, and Debian has it under another name too.
    const executable = join(folder, "redis-server");
    await symlink(await findRedis({ valkey: options.valkey === true }), executable);
    const server = new RedisServer(supervisor, folder, executable, password);
    await server.startUp();
    return server;
  }

  get url(): string {
    return `redis://:${this.#password}@127.0.0.1:${this.port}`;
  }
}

/** While it still loads its data it answers with an error. */
async function answersPing(port: number, password: string): Promise<boolean> {
  const socket = connect(port, "127.0.0.1");
  try {
    await once(socket, "connect");
    socket.setEncoding("utf8").setTimeout(1000, () => socket.destroy());
    socket.write(`AUTH ${password}\r\nPING\r\n`);
    let answer = "";
    for await (const chunk of socket) {
      answer += chunk;
      if (answer.split("\r\n").length > 2) return answer === "+OK\r\n+PONG\r\n";
    }
    return false;
  } finally {
    socket.destroy();
  }
}
