import { argon2, randomBytes, timingSafeEqual } from "node:crypto";
import { promisify } from "node:util";
import type { PasswordHasher } from "../../domain/identity/ports.ts";
import { ProblemError } from "../../domain/problem.ts";

interface Cost {
  readonly memory: number;
  readonly passes: number;
  readonly parallelism: number;
}

/** OWASP's first choice of argon2id: 19 MiB, two passes. About 30 ms. */
const cost: Cost = { memory: 19_456, passes: 2, parallelism: 1 };
/** What a stored hash may ask for at most: it is ours, but a database can be restored from anywhere. */
const dearest: Cost = { memory: 262_144, passes: 10, parallelism: 4 };
const saltBytes = 16;
const hashBytes = 32;
/** Each takes its memory and a thread: more at a time would be slower and not faster. */
const atOnce = 2;
const waitingLimit = 64;
const form = /^\$argon2id\$v=19\$m=(\d{1,7}),t=(\d{1,3}),p=(\d{1,2})\$([A-Za-z0-9+/]{22,86})\$([A-Za-z0-9+/]{43})$/;

/** Passwords by argon2id (RFC 9106), as PHC strings; Node's own implementation. */
export class Argon2Hasher implements PasswordHasher {
  #running = 0;
  readonly #waiting: (() => void)[] = [];
  /** Of a password that nobody has. */
  readonly #nobody = randomBytes(hashBytes);
  readonly #nobodysSalt = randomBytes(saltBytes);

  async hash(password: string): Promise<string> {
    const salt = randomBytes(saltBytes);
    const derived = await this.#derive(password, salt, cost);
    const { memory, passes, parallelism } = cost;
    return `$argon2id$v=19$m=${memory},t=${passes},p=${parallelism}$${base64(salt)}$${base64(derived)}`;
  }

  async verify(stored: string | null, password: string): Promise<boolean> {
    const known = stored === null ? null : parse(stored);
    const derived = await this.#derive(password, known?.salt ?? this.#nobodysSalt, known?.cost ?? cost);
    return timingSafeEqual(derived, known?.hash ?? this.#nobody) && known !== null;
  }

  async #derive(password: string, nonce: Buffer, { memory, passes, parallelism }: Cost): Promise<Buffer> {
    if (typeof argon2 !== "function") {
      throw new ProblemError("not_supported", "Passwords need Node.js 24.7 or newer on the server.");
    }
    await this.#enter();
    try {
      const parameters = { message: password, nonce, memory, passes, parallelism, tagLength: hashBytes };
      return await promisify(argon2)("argon2id", parameters);
    } finally {
      this.#running--;
      this.#waiting.shift()?.();
    }
  }

  async #enter(): Promise<void> {
    if (this.#running >= atOnce) {
      if (this.#waiting.length >= waitingLimit) {
        throw new ProblemError("overloaded", "Too many passwords are being checked.", { retryAfterSeconds: 2 });
      }
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
    this.#running++;
  }
}

function parse(stored: string): { cost: Cost; salt: Buffer; hash: Buffer } | null {
  const [, memory, passes, parallelism, salt, hash] = form.exec(stored) ?? [];
  if (salt === undefined || hash === undefined) return null;
  const asked = { memory: Number(memory), passes: Number(passes), parallelism: Number(parallelism) };
  const isBounded = (Object.keys(dearest) as (keyof Cost)[]).every((name) => asked[name] <= dearest[name]);
  return isBounded ? { cost: asked, salt: Buffer.from(salt, "base64"), hash: Buffer.from(hash, "base64") } : null;
}

function base64(bytes: Buffer): string {
  return bytes.toString("base64").replaceAll("=", "");
}
