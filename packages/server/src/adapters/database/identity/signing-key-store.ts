import type pg from "pg";
import { asAvailable } from "../database-errors.ts";

export type PublicJwk = Readonly<Record<string, unknown>> & { readonly kid: string };

/** Public keys of the built-in issuer on every server of the installation, so that each verifies the tokens of all. */
export class SigningKeyStore {
  readonly #systemPool: pg.Pool;

  constructor(systemPool: pg.Pool) {
    this.#systemPool = systemPool;
  }

  /** Says that tokens of this key may be in use for so long. */
  async publish(jwk: PublicJwk, seconds: number): Promise<void> {
    await asAvailable(() =>
      this.#systemPool.query(
        `insert into tda.signing_keys (kid, public_jwk, used_until) values ($1, $2, now() + make_interval(secs => $3))
         on conflict (kid) do update set used_until = greatest(signing_keys.used_until, excluded.used_until)`,
        [jwk.kid, JSON.stringify(jwk), seconds],
      ),
    );
  }

  async list(): Promise<readonly PublicJwk[]> {
    const { rows } = await asAvailable(() =>
      this.#systemPool.query<{ public_jwk: PublicJwk }>(
        "select public_jwk from tda.signing_keys where used_until > now() order by created_at desc limit 32",
      ),
    );
    return rows.map(({ public_jwk }) => public_jwk);
  }
}
