import { once } from "node:events";
import { connect, createServer, type Server, type Socket } from "node:net";
import { freePort } from "./free-port.ts";

type Mode = "pass" | "refuse" | "blackhole";

/** How much one direction of a connection holds back before its sender has to wait. */
const heldLimitBytes = 1024 * 1024;

/**
 * A TCP proxy in this process that fails on demand. Clients use `url(…)` in place of the server's own address; what was
 * set holds for open connections and new ones.
 */
export class FaultProxy {
  readonly #target: { readonly host: string; readonly port: number };
  readonly #connections = new Set<Connection>();
  #server: Server = createServer();
  #port = 0;
  #mode: Mode = "pass";
  #latencyMs = 0;

  private constructor(target: { host: string; port: number }) {
    this.#target = target;
  }

  /** Before the server at a URL, or at a port of loopback. */
  static async start(target: string | number): Promise<FaultProxy> {
    const { hostname, port } = new URL(typeof target === "number" ? `tcp://127.0.0.1:${target}` : target);
    const proxy = new FaultProxy({ host: hostname, port: Number(port) });
    proxy.#port = await freePort();
    await proxy.#listen();
    return proxy;
  }

  get port(): number {
    return this.#port;
  }

  /** The URL with the proxy's address in place of the server's. */
  url(original: string): string {
    const { hostname, port } = new URL(original);
    return original.replace(`${hostname}:${port}`, `127.0.0.1:${this.#port}`);
  }

  get connections(): number {
    return this.#connections.size;
  }

  /** Every byte arrives so much later, in each direction. */
  setLatency(milliseconds: number): void {
    this.#latencyMs = milliseconds;
  }

  /** Resets all open connections; new ones are served as before. */
  cut(): void {
    for (const connection of this.#connections) connection.reset();
  }

  /** Resets all open connections and refuses new ones. */
  async refuse(): Promise<void> {
    this.#mode = "refuse";
    if (!this.#server.listening) return;
    const closed = once(this.#server, "close");
    this.#server.close();
    this.cut();
    await closed;
  }

  /** Nothing arrives any more, and nobody is told: as a lost route. New connections are taken, and then silent. */
  async blackhole(): Promise<void> {
    if (this.#mode === "refuse") await this.#listen();
    this.#mode = "blackhole";
    for (const connection of this.#connections) connection.hold();
  }

  /** No faults: what was held back arrives, refused clients may come again. */
  async resume(): Promise<void> {
    this.#latencyMs = 0;
    if (this.#mode === "refuse") await this.#listen();
    this.#mode = "pass";
    for (const connection of this.#connections) connection.release();
  }

  async stop(): Promise<void> {
    await this.refuse();
  }

  async #listen(): Promise<void> {
    this.#server = createServer({ allowHalfOpen: true, noDelay: true }, (client) => {
      const connection = new Connection(client, this.#target, () => this.#latencyMs);
      if (this.#mode === "blackhole") connection.hold();
      this.#connections.add(connection);
      connection.ended.then(() => this.#connections.delete(connection));
    });
    // A proxy that nobody stops does not keep the process from ending.
    this.#server.unref();
    this.#server.listen(this.#port, "127.0.0.1");
    await once(this.#server, "listening");
  }
}

/** A client and its connection to the server. */
class Connection {
  readonly ended: Promise<void>;
  readonly #sockets: readonly [Socket, Socket];
  readonly #directions: readonly [Direction, Direction];

  constructor(client: Socket, target: { host: string; port: number }, latencyMs: () => number) {
    const server = connect({ ...target, allowHalfOpen: true, noDelay: true });
    this.#sockets = [client, server];
    this.#directions = [new Direction(client, server, latencyMs), new Direction(server, client, latencyMs)];
    const { promise, resolve } = Promise.withResolvers<void>();
    this.ended = promise;
    let open = 2;
    for (const socket of this.#sockets) {
      // One side's failure is the other's.
      socket.on("error", () => this.reset());
      socket.on("close", () => {
        open -= 1;
        if (open === 0) resolve();
      });
    }
  }

  hold(): void {
    for (const direction of this.#directions) direction.hold();
  }

  release(): void {
    for (const direction of this.#directions) direction.release();
  }

  reset(): void {
    for (const direction of this.#directions) direction.drop();
    for (const socket of this.#sockets) socket.resetAndDestroy();
  }
}

/** What one side sends, on its way to the other: each chunk is due at its time, and waits while the direction is held. */
class Direction {
  readonly #from: Socket;
  readonly #to: Socket;
  readonly #queue: { readonly due: number; readonly chunk: Buffer | null }[] = [];
  #bytes = 0;
  #isHeld = false;
  #timer: NodeJS.Timeout | null = null;

  constructor(from: Socket, to: Socket, latencyMs: () => number) {
    this.#from = from;
    this.#to = to;
    const add = (chunk: Buffer | null): void => {
      this.#queue.push({ due: performance.now() + latencyMs(), chunk });
      this.#bytes += chunk?.length ?? 0;
      if (this.#bytes > heldLimitBytes) from.pause();
      this.#deliver();
    };
    from.on("data", add);
    from.on("end", () => add(null));
    to.on("drain", () => this.#deliver());
  }

  hold(): void {
    this.#isHeld = true;
  }

  release(): void {
    this.#isHeld = false;
    this.#deliver();
  }

  drop(): void {
    this.#queue.length = 0;
    this.#bytes = 0;
    if (this.#timer !== null) clearTimeout(this.#timer);
  }

  #deliver(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    for (let head = this.#queue[0]; head !== undefined && !this.#isHeld; head = this.#queue[0]) {
      const wait = head.due - performance.now();
      if (wait > 0) {
        this.#timer = setTimeout(() => this.#deliver(), Math.ceil(wait));
        break;
      }
      if (this.#to.writableNeedDrain) break;
      this.#queue.shift();
      if (head.chunk === null) this.#to.end();
      else {
        this.#bytes -= head.chunk.length;
        this.#to.write(head.chunk);
      }
    }
    if (this.#bytes <= heldLimitBytes) this.#from.resume();
  }
}
