import { once } from "node:events";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { type CryptoKey, exportJWK, generateKeyPair, type JWK, type JWTHeaderParameters, SignJWT } from "jose";
import Provider, { type Configuration } from "oidc-provider";
import type { Controllable } from "./controllable.ts";
import { freePort } from "./free-port.ts";

/** A machine with an account at the issuer, which gets tokens by its secret. */
export interface OidcClient {
  readonly clientId: string;
  readonly clientSecret: string;
  /** Go into each of its tokens beside the standard ones: roles, project and the like. */
  readonly claims?: Readonly<Record<string, unknown>>;
}

export interface OidcOptions {
  /** `aud` of tokens that ask for none. Default `urn:tda:api`. */
  readonly audience?: string;
  /** Default 300 s. */
  readonly lifetimeSeconds?: number;
}

export interface OidcAddresses {
  /** `iss` of the tokens, and where `/.well-known/openid-configuration` is. */
  readonly issuer: string;
  readonly jwksUrl: string;
  readonly tokenUrl: string;
  readonly audience: string;
  /** A client that exists from the start; its tokens name the role `admin`. */
  readonly client: OidcClient;
}

interface SigningKey {
  readonly kid: string;
  readonly privateKey: CryptoKey;
  /** With its private part: the provider signs with it. */
  readonly jwk: JWK;
}

const scope = "tda";

/**
 * An OpenID Connect issuer in this process: RS256, keys at `/jwks`, tokens by client credentials at `/token` (`resource`
 * names another audience). Keys and clients outlive `kill` and `restart`.
 */
export class OidcIssuer implements Controllable, OidcAddresses {
  readonly audience: string;
  readonly client: OidcClient = {
    clientId: "tda-client",
    clientSecret: "tda-client-secret",
    claims: { roles: ["admin"] },
  };
  readonly #lifetimeSeconds: number;
  readonly #clients: OidcClient[] = [this.client];
  readonly #keys: SigningKey[] = [];
  #port = 0;
  #server: Server = createServer();
  #handle: (request: IncomingMessage, response: ServerResponse) => void = () => undefined;
  #frozen: PromiseWithResolvers<void> | null = null;
  #keyRequests = 0;
  #lastKey = 0;

  private constructor({ audience = "urn:tda:api", lifetimeSeconds = 300 }: OidcOptions) {
    this.audience = audience;
    this.#lifetimeSeconds = lifetimeSeconds;
  }

  static async start(options: OidcOptions = {}): Promise<OidcIssuer> {
    const issuer = new OidcIssuer(options);
    issuer.#port = await freePort();
    await issuer.rotateKeys();
    await issuer.#listen();
    return issuer;
  }

  get port(): number {
    return this.#port;
  }

  get issuer(): string {
    return `http://127.0.0.1:${this.#port}`;
  }

  get jwksUrl(): string {
    return `${this.issuer}/jwks`;
  }

  get tokenUrl(): string {
    return `${this.issuer}/token`;
  }

  /** How often the keys were asked for. */
  get keyRequests(): number {
    return this.#keyRequests;
  }

  /** `kid` of the key that signs now. */
  get keyId(): string {
    return this.#keys[0]!.kid;
  }

  addClient(client: OidcClient): void {
    this.#clients.push(client);
    this.#renewProvider();
  }

  /** An access token as a client gets it: over HTTP, by client credentials. */
  async token({ client = this.client, audience }: { client?: OidcClient; audience?: string } = {}): Promise<string> {
    const answer = await fetch(this.tokenUrl, {
      method: "POST",
      headers: {
        Authorization: `Basic ${Buffer.from(`${client.clientId}:${client.clientSecret}`).toString("base64")}`,
      },
      body: new URLSearchParams({
        grant_type: "client_credentials",
        scope,
        ...(audience === undefined ? {} : { resource: audience }),
      }),
    });
    const body = (await answer.json()) as { access_token?: string };
    if (body.access_token === undefined) throw new Error(`the issuer gives no token: ${JSON.stringify(body)}`);
    return body.access_token;
  }

  /**
   * Signs anything, for attacks: no claim is added. Default header: what the issuer's own tokens have. `kid` names one of its
   * keys, also one that it no longer publishes; any other `kid` is written and the present key signs.
   */
  sign(claims: Readonly<Record<string, unknown>>, header: Partial<JWTHeaderParameters> = {}): Promise<string> {
    const key = this.#keys.find(({ kid }) => kid === header.kid) ?? this.#keys[0]!;
    return new SignJWT({ ...claims })
      .setProtectedHeader({ alg: "RS256", typ: "at+jwt", kid: key.kid, ...header })
      .sign(key.privateKey);
  }

  /** Claims of a good token now, to be changed and signed by `sign`. */
  claims(): Record<string, unknown> {
    const now = Math.floor(Date.now() / 1000);
    const { clientId } = this.client;
    return {
      iss: this.issuer,
      aud: this.audience,
      sub: clientId,
      client_id: clientId,
      scope,
      jti: crypto.randomUUID(),
      iat: now,
      exp: now + this.#lifetimeSeconds,
    };
  }

  /** A new key signs from now on. The old ones stay published unless they are withdrawn. */
  async rotateKeys({ withdrawOld = false } = {}): Promise<void> {
    const kid = `key-${++this.#lastKey}`;
    const { privateKey } = await generateKeyPair("RS256", { extractable: true });
    const jwk = { ...(await exportJWK(privateKey)), kid, alg: "RS256", use: "sig" };
    this.#keys.unshift({ kid, privateKey, jwk });
    this.#published = withdrawOld ? [jwk] : [jwk, ...this.#published];
    this.#renewProvider();
  }

  #published: JWK[] = [];

  async kill(): Promise<void> {
    if (!this.#server.listening) return;
    const closed = once(this.#server, "close");
    this.#server.close();
    this.#server.closeAllConnections();
    await closed;
  }

  async restart(): Promise<void> {
    await this.kill();
    await this.resume();
    await this.#listen();
  }

  async freeze(): Promise<void> {
    this.#frozen ??= Promise.withResolvers();
  }

  async resume(): Promise<void> {
    this.#frozen?.resolve();
    this.#frozen = null;
  }

  async stop(): Promise<void> {
    await this.resume();
    await this.kill();
  }

  async #listen(): Promise<void> {
    this.#server = createServer(async (request, response) => {
      await this.#frozen?.promise;
      if (request.url?.startsWith("/jwks")) this.#keyRequests += 1;
      this.#handle(request, response);
    });
    // An issuer that nobody stops does not keep the process from ending.
    this.#server.unref();
    this.#server.listen(this.#port, "127.0.0.1");
    await once(this.#server, "listening");
  }

  /** The provider takes its keys and clients once: another one takes over with the new ones. */
  #renewProvider(): void {
    const configuration: Configuration = {
      adapter: NothingKept,
      clients: this.#clients.map(({ clientId, clientSecret }) => ({
        client_id: clientId,
        client_secret: clientSecret,
        grant_types: ["client_credentials"],
        redirect_uris: [],
        response_types: [],
      })),
      jwks: { keys: this.#published as never },
      scopes: [scope],
      ttl: { ClientCredentials: this.#lifetimeSeconds },
      extraTokenClaims: (_context, token) =>
        this.#clients.find(({ clientId }) => clientId === token.clientId)?.claims ?? {},
      features: {
        devInteractions: { enabled: false },
        clientCredentials: { enabled: true },
        resourceIndicators: {
          enabled: true,
          defaultResource: () => this.audience,
          useGrantedResource: () => true,
          getResourceServerInfo: (_context, audience) => ({
            scope,
            audience,
            accessTokenTTL: this.#lifetimeSeconds,
            accessTokenFormat: "jwt",
            jwt: { sign: { alg: "RS256" } },
          }),
        },
      },
    };
    this.#handle = new Provider(this.issuer, configuration).callback();
  }
}

/** Tokens that are JWTs are kept nowhere. */
class NothingKept {
  async upsert(): Promise<void> {}
  async find(): Promise<undefined> {}
  async findByUserCode(): Promise<undefined> {}
  async findByUid(): Promise<undefined> {}
  async consume(): Promise<void> {}
  async destroy(): Promise<void> {}
  async revokeByGrantId(): Promise<void> {}
}
