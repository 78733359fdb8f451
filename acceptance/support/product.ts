import { type ChildProcess, spawn } from "node:child_process";
import {
  chmodSync,
  closeSync,
  existsSync,
  fstatSync,
  mkdtempSync,
  openSync,
  readFileSync,
  readSync,
  rmSync,
} from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { backendsOf } from "./backends.ts";
import { Api } from "./http.ts";
import { until } from "./poll.ts";
import { type ProcessEntry, processes, processesNaming, processTree, signalQuietly, survivors } from "./processes.ts";

export const repository = join(import.meta.dirname, "..", "..");

/** What the product prints and how it ends; `code` is null when a signal ended it. */
export interface Ending {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly output: string;
}

export interface Start {
  /** Added to the settings of every acceptance server (free port, new data folder, authentication off). */
  readonly env?: Readonly<Record<string, string>>;
  readonly dataDir?: string;
  /** Default: `npm start`, as a user does. */
  readonly command?: readonly [string, ...string[]];
}

/** A server that a test started, in a process group of its own. */
export class Product {
  readonly child: ChildProcess;
  readonly port: number;
  readonly dataDir: string;
  readonly ended: Promise<Ending>;
  readonly #outputFile: string;
  #ending: Ending | undefined;
  readonly #seen = new Map<string, ProcessEntry>();
  readonly #isFirstStart: boolean;
  readonly #before: ReadonlySet<string>;

  private constructor(
    child: ChildProcess,
    port: number,
    dataDir: string,
    outputFile: string,
    isFirstStart: boolean,
    before: ReadonlySet<string>,
  ) {
    this.#before = before;
    this.child = child;
    this.port = port;
    this.dataDir = dataDir;
    this.#outputFile = outputFile;
    this.#isFirstStart = isFirstStart;
    this.ended = new Promise((resolve) => {
      child.on("exit", (code, signal) => {
        this.#ending = { code, signal, output: this.output };
        resolve(this.#ending);
      });
    });
  }

  static async launch({ env = {}, dataDir = newFolder(), command = ["npm", "start"] }: Start = {}): Promise<Product> {
    const port = env.API_PORT === undefined ? await freePort() : Number(env.API_PORT);
    const before = new Set(processes().map(keyOf));
    const isFirstStart = !existsSync(join(dataDir, "keys"));
    const backends = await backendsOf(dataDir);
    // To a file, as a service's: a pipe would make the reader part of what a benchmark measures.
    const outputFile = join(newFolder(), "output.log");
    const output = openSync(outputFile, "a");
    const child = spawn(command[0], command.slice(1), {
      cwd: repository,
      detached: true,
      stdio: ["ignore", output, output],
      env: {
        ...userEnvironment(),
        API_PORT: String(port),
        TDA_DATA_DIR: dataDir,
        FEATURE_ENABLE_AUTHENTICATION: "false",
        ...backends,
        ...env,
      },
    });
    closeSync(output);
    return new Product(child, port, dataDir, outputFile, isFirstStart, before);
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  /** Its last 16 MiB: the log of a long benchmark is longer than a string can be. */
  get output(): string {
    const file = openSync(this.#outputFile, "r");
    try {
      const { size } = fstatSync(file);
      const tail = Buffer.alloc(Math.min(size, OUTPUT_BYTES));
      return tail.toString("utf8", 0, readSync(file, tail, 0, tail.length, size - tail.length));
    } finally {
      closeSync(file);
    }
  }

  get api(): Api {
    return new Api(this.url);
  }

  /** The key of the first start, as the local command line finds it. */
  get apiKey(): string {
    return readFileSync(this.keyFile, "utf8").trim();
  }

  get keyFile(): string {
    return join(this.dataDir, "keys", "local-api-key");
  }

  async ready(): Promise<this> {
    await until(
      "the server to be ready",
      async () => {
        if (this.#ending) throw new Error(`it ended with ${this.#ending.code}:\n${this.#ending.output}`);
        return (await this.api.get("/health/ready")).status === 200;
      },
      170_000,
    ).catch(async (error: unknown) => {
      await this.dispose();
      throw new Error(`${String(error)}\n${this.output}`);
    });
    this.tree();
    return this;
  }

  /** Ready, and done with the example that a first start computes: from here on, only the test computes. */
  async settled(): Promise<this> {
    await this.ready();
    if (this.#isFirstStart) {
      await until("the example of the first start", () => this.output.includes("npx --no-install tda"), 60_000);
    }
    return this;
  }

  /** The running processes of the product. Each one seen is remembered, so that none can get lost. */
  tree(): ProcessEntry[] {
    const now = [...processTree(this.child.pid!), ...processesNaming(this.dataDir)].filter(
      (entry) => !this.#before.has(keyOf(entry)),
    );
    for (const entry of now) this.#seen.set(keyOf(entry), entry);
    return now;
  }

  /** The processes of one kind, by the start of their name (Linux keeps 15 characters). */
  named(name: string): ProcessEntry[] {
    return this.tree().filter((entry) => entry.name.startsWith(name));
  }

  /** The Node process that listens: the innermost one of the chain npm, start script, server. */
  get serverPid(): number {
    const tree = processTree(this.child.pid!);
    const parents = new Set(this.named("tda-engine-host").map((host) => host.parent));
    const server = tree.find((entry) => parents.has(entry.pid)) ?? tree.findLast((entry) => entry.name === "node");
    if (!server) throw new Error(`no server among ${JSON.stringify(tree)}`);
    return server.pid;
  }

  /** Processes of this product that still run, wherever they hang. What was there before it is not its own. */
  leftovers(): ProcessEntry[] {
    const inGroup = processes().filter((entry) => entry.group === this.child.pid);
    const found = [...survivors([...this.#seen.values()]), ...inGroup, ...processesNaming(this.dataDir)];
    return found.filter((entry) => !this.#before.has(keyOf(entry)));
  }

  signalGroup(signal: NodeJS.Signals): void {
    this.tree();
    signalQuietly(-this.child.pid!, signal);
  }

  /** As a supervisor does: the whole group gets the signal, then everything is gone. */
  async stop(signal: NodeJS.Signals = "SIGTERM"): Promise<Ending> {
    if (!this.#ending) this.signalGroup(signal);
    const ending = await this.ended;
    await until("no process to be left", () => this.leftovers().length === 0, 20_000);
    return ending;
  }

  /** The end of a test, whatever happened in it: nothing is left running, and the folder is gone. */
  async dispose({ keepData = false } = {}): Promise<void> {
    try {
      if (!this.#ending) await this.stop();
    } finally {
      for (const entry of this.leftovers()) signalQuietly(entry.pid, "SIGKILL");
      if (!keepData) rmSync(this.dataDir, { recursive: true, force: true, maxRetries: 5 });
    }
  }
}

function keyOf({ pid, startedAt }: ProcessEntry): string {
  return `${pid} ${startedAt}`;
}

/** The server of a test file: the one at TDA_ACCEPTANCE_URL, else a new one that `dispose` ends. */
export interface Target {
  readonly api: Api;
  /** Absent when the server is somebody else's: then what needs its processes or settings cannot be tested. */
  readonly product?: Product;
  dispose(): Promise<void>;
}

export const externalUrl = process.env.TDA_ACCEPTANCE_URL;

export async function target(env: Readonly<Record<string, string>> = {}): Promise<Target> {
  if (externalUrl !== undefined) {
    return { api: new Api(externalUrl, process.env.TDA_ACCEPTANCE_API_KEY), dispose: async () => {} };
  }
  const product = await Product.launch({ env });
  await product.settled();
  return { api: product.api, product, dispose: () => product.dispose() };
}

const OUTPUT_BYTES = 16 * 1_048_576;
const folders: string[] = [];
process.once("exit", () => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

/**
 * A new folder that goes when the test run ends, if not before. Open to others: as root, the database keeps its files
 * elsewhere if its account cannot reach the data folder, and they would outlive the test.
 */
export function newFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "tda-acceptance-"));
  chmodSync(folder, 0o755);
  folders.push(folder);
  return folder;
}

/** The caller's environment without our settings and without what npm and vitest put in for themselves. */
export function userEnvironment(): NodeJS.ProcessEnv {
  const ours =
    /^(TDA_|API_|FEATURE_|JWT_|KAFKA_|REDIS_|DATABASE_URL$|NODE_ENV$|VITEST|npm_|TEST$|DEV$|PROD$|MODE$|SSR$|BASE_URL$)/;
  const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !ours.test(name)));
  const path = env.PATH?.split(delimiter).filter((folder) => !folder.endsWith(join("node_modules", ".bin")));
  return { ...env, PATH: path?.join(delimiter), NO_COLOR: "1" };
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
