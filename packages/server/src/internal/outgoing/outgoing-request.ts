import { promises as dns, type LookupAddress } from "node:dns";
import { type ClientRequest, request as httpRequest, type IncomingHttpHeaders, type RequestOptions } from "node:http";
import { request as httpsRequest } from "node:https";
import { isIP } from "node:net";
import { type AddressPolicy, isAddressAllowed } from "./address-policy.ts";

/** Why a call failed: stable, and safe to show to whoever gave the URL. */
export type OutgoingFailure =
  /** Not a URL of the allowed scheme, or one with a password. */
  | "url_not_allowed"
  /** The name has no address, or one that may not be called. One reason for both: the difference is nobody's to learn. */
  | "address_not_allowed"
  | "timeout"
  /** The certificate is not valid for this name. */
  | "tls_failed"
  | "connection_failed"
  | "response_too_large";

/** A call that has no answer. The message is for operators: it may name addresses. */
export class OutgoingError extends Error {
  override readonly name = "OutgoingError";
  readonly reason: OutgoingFailure;

  constructor(reason: OutgoingFailure, message: string, options?: ErrorOptions) {
    super(message, options);
    this.reason = reason;
  }
}

export interface OutgoingRequest {
  readonly method: "GET" | "POST";
  readonly url: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Uint8Array;
  /** For everything: name look-up, connection, request and the part of the response that is read. */
  readonly timeoutMs: number;
  /** Bytes of the response's body that are kept. */
  readonly responseLimitBytes: number;
  /** What a longer response is: an error, or read so far and cut off. An error unless told. */
  readonly onLongResponse?: "error" | "cut";
  readonly signal?: AbortSignal;
}

export interface OutgoingPolicy {
  readonly addresses: AddressPolicy;
  /** `http:` as well as `https:`. */
  readonly allowsHttp: boolean;
  /** Certificates to trust besides those of Node (PEM). */
  readonly ca?: string;
  /** Finds a name's addresses; the system's resolver unless told. */
  readonly resolve?: (hostname: string) => Promise<readonly LookupAddress[]>;
}

export interface OutgoingResponse {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  /** Never to be shown to users: it is what a host answered that they may not be able to reach. */
  readonly body: Buffer;
}

/** A response with more headers than this is no answer. */
const HEADER_LIMIT_BYTES = 16_384;

/**
 * Calls a URL that somebody else chose (webhooks, keys of an issuer). The name is resolved once, every address of it must be
 * allowed, and the connection goes to one of just these, with the original name in `Host`, SNI and the certificate's check:
 * a second look-up with another answer has no chance. A redirect is an answer like any other and is not followed.
 * @throws OutgoingError
 */
export async function sendOutgoing(call: OutgoingRequest, policy: OutgoingPolicy): Promise<OutgoingResponse> {
  const url = checkedUrl(call.url, policy);
  const timeout = AbortSignal.timeout(call.timeoutMs);
  const signal = call.signal === undefined ? timeout : AbortSignal.any([timeout, call.signal]);
  try {
    const addresses = await untilAborted(allowedAddresses(url, policy), signal);
    return await exchange(call, url, addresses, policy, signal);
  } catch (error) {
    call.signal?.throwIfAborted();
    throw explained(error, timeout.aborted);
  }
}

/** The URL, if a call of it may be tried at all. @throws OutgoingError `url_not_allowed` */
export function checkedUrl(text: string, policy: Pick<OutgoingPolicy, "allowsHttp">): URL {
  const url = URL.canParse(text) ? new URL(text) : null;
  const isAllowed =
    url !== null &&
    (url.protocol === "https:" || (url.protocol === "http:" && policy.allowsHttp)) &&
    url.hostname !== "" &&
    url.username === "" &&
    url.password === "";
  if (!isAllowed)
    throw new OutgoingError("url_not_allowed", "The URL may not be called: https, and no password in it.");
  return url;
}

/** The addresses of a URL's host. @throws OutgoingError `address_not_allowed` when there is none, or one is not allowed. */
async function allowedAddresses(url: URL, policy: OutgoingPolicy): Promise<readonly LookupAddress[]> {
  const hostname = bare(url.hostname);
  const family = isIP(hostname);
  let found: readonly LookupAddress[];
  try {
    found = family === 0 ? await (policy.resolve ?? systemAddresses)(hostname) : [{ address: hostname, family }];
  } catch (error) {
    throw new OutgoingError("address_not_allowed", `${hostname} has no address.`, { cause: error });
  }
  const refused = found.find(({ address }) => !isAddressAllowed(address, policy.addresses));
  if (found.length === 0 || refused !== undefined) {
    throw new OutgoingError("address_not_allowed", `${hostname} has the address ${refused?.address ?? "of nothing"}.`);
  }
  return found;
}

function systemAddresses(hostname: string): Promise<readonly LookupAddress[]> {
  return dns.lookup(hostname, { all: true });
}

function bare(hostname: string): string {
  return hostname.startsWith("[") ? hostname.slice(1, -1) : hostname;
}

async function exchange(
  call: OutgoingRequest,
  url: URL,
  addresses: readonly LookupAddress[],
  policy: OutgoingPolicy,
  signal: AbortSignal,
): Promise<OutgoingResponse> {
  const hostname = bare(url.hostname);
  const options: RequestOptions & { ca?: string; servername?: string } = {
    method: call.method,
    protocol: url.protocol,
    hostname,
    port: url.port === "" ? (url.protocol === "https:" ? 443 : 80) : Number(url.port),
    path: url.pathname + url.search,
    headers: {
      ...call.headers,
      host: url.host,
      "accept-encoding": "identity",
      ...(call.body === undefined ? {} : { "content-length": String(call.body.byteLength) }),
    },
    // A connection of its own, closed after the answer: none is ever reused for another policy or another answer of the DNS.
    agent: false,
    maxHeaderSize: HEADER_LIMIT_BYTES,
    signal,
    lookup: (_name, { all }, done) => {
      if (all === true) done(null, [...addresses]);
      else done(null, addresses[0]!.address, addresses[0]!.family);
    },
    ...(policy.ca === undefined ? {} : { ca: policy.ca }),
    ...(isIP(hostname) === 0 ? { servername: hostname } : {}),
  };
  const send = url.protocol === "https:" ? httpsRequest : httpRequest;
  const sent = send(options);
  try {
    return await answerOf(sent, call);
  } finally {
    sent.destroy();
  }
}

function answerOf(sent: ClientRequest, call: OutgoingRequest): Promise<OutgoingResponse> {
  return new Promise((resolve, reject) => {
    sent.on("error", reject);
    sent.on("response", (response) => {
      const pieces: Buffer[] = [];
      let bytes = 0;
      const finish = (): void =>
        resolve({ status: response.statusCode ?? 0, headers: response.headers, body: Buffer.concat(pieces) });
      response.on("data", (piece: Buffer) => {
        const room = call.responseLimitBytes - bytes;
        bytes += piece.length;
        pieces.push(piece.subarray(0, Math.max(0, room)));
        if (piece.length <= room) return;
        if (call.onLongResponse === "cut") finish();
        else
          reject(new OutgoingError("response_too_large", `More than ${call.responseLimitBytes} bytes were answered.`));
        response.destroy();
      });
      response.on("end", finish);
      response.on("error", reject);
    });
    sent.end(call.body);
  });
}

async function untilAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  const { promise, reject } = Promise.withResolvers<never>();
  const abort = (): void => reject(signal.reason);
  signal.addEventListener("abort", abort, { once: true });
  if (signal.aborted) abort();
  // Whoever loses the race is not listened to any more.
  work.catch(() => undefined);
  promise.catch(() => undefined);
  try {
    return await Promise.race([work, promise]);
  } finally {
    signal.removeEventListener("abort", abort);
  }
}

const TLS_CODE = /^(ERR_TLS|ERR_SSL|CERT_|DEPTH_ZERO|SELF_SIGNED|UNABLE_TO_|EPROTO$)/;

function explained(error: unknown, isLate: boolean): OutgoingError {
  if (error instanceof OutgoingError) return error;
  const { message, code = "" } = error as NodeJS.ErrnoException;
  if (isLate) return new OutgoingError("timeout", "There was no answer in time.", { cause: error });
  return new OutgoingError(TLS_CODE.test(code) ? "tls_failed" : "connection_failed", message, { cause: error });
}
