import { sendOutgoing } from "../../internal/outgoing/outgoing-request.ts";

export interface OutgoingOptions {
  /** Lets the address be of this machine or of a private network. */
  readonly allowPrivateAddresses: boolean;
  readonly timeoutMs: number;
  readonly limitBytes: number;
}

/** Fetches a JSON document, without redirects, short and small. @throws Error whose message is for the operator. */
export async function fetchJson(url: URL, options: OutgoingOptions): Promise<unknown> {
  const { allowPrivateAddresses, timeoutMs, limitBytes: responseLimitBytes } = options;
  const headers = { accept: "application/json", "user-agent": "tda-platform" };
  const { status, body } = await sendOutgoing(
    { method: "GET", url: url.href, headers, timeoutMs, responseLimitBytes },
    // Whether an issuer may be without TLS is for who names it.
    { addresses: allowPrivateAddresses ? "private-too" : "public", allowsHttp: true },
  );
  if (status !== 200) throw new Error(`${url.origin} answered ${status}`);
  return JSON.parse(body.toString("utf8"));
}
