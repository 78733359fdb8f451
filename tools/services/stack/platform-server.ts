import { mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { ServerProcess } from "../server-process.ts";
import type { Supervisor } from "../supervisor.ts";

const root = join(import.meta.dirname, "..", "..", "..");

/** An instance of the platform's server, as `npm start` starts it. */
export class PlatformServer extends ServerProcess {
  readonly dataFolder: string;

  constructor(supervisor: Supervisor, folder: string, env: Readonly<Record<string, string>>) {
    const dataFolder = join(folder, "data");
    super(supervisor, {
      name: `server ${folder}`,
      program: (port) => {
        mkdirSync(folder, { recursive: true });
        return {
          command: process.execPath,
          // As tools/start.mjs does, and says why.
          args: ["--max-semi-space-size=8", join(root, "packages", "cli", "src", "main.ts"), "serve"],
          cwd: folder,
          env: {
            PATH: process.env.PATH ?? "/usr/bin:/bin",
            NODE_COMPILE_CACHE: join(root, "build", "node-compile-cache"),
            MALLOC_ARENA_MAX: "2",
            ...env,
            API_PORT: String(port),
            TDA_DATA_DIR: dataFolder,
          },
          logFile: join(folder, "server.log"),
        };
      },
      isReady: async (port) => {
        const answer = await fetch(`http://127.0.0.1:${port}/health/ready`, { signal: AbortSignal.timeout(2000) });
        await answer.body?.cancel();
        return answer.ok;
      },
      stopSignal: "SIGTERM",
    });
    this.dataFolder = dataFolder;
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  /** Made by the first instance that starts on a database, and known to that one only. */
  get apiKey(): string {
    return readFileSync(join(this.dataFolder, "keys", "local-api-key"), "utf8").trim();
  }

  start(port: number | undefined): Promise<void> {
    return port === undefined ? this.startUp() : this.startOn(port);
  }
}
