import { lookup } from "node:dns/promises";
import { request as httpRequest, type IncomingMessage, type RequestOptions } from "node:http";
import { request as httpsRequest } from "node:https";
import { BlockList, isIP } from "node:net";

export interface OutgoingOptions {
  /** Lets the address be of this machine or of a private network. */
  readonly allowPrivateAddresses: boolean;
  readonly timeoutMs: number;
  readonly limitBytes: number;
}

/** Addresses that are not of the open internet: RFC 6890 and its successors. */
const reserved = new BlockList();
for (const [network, prefix] of [
  ["0.0.0.0", 8],
  ["10.0.0.0", 8],
  ["100.64.0.0", 10],
  ["127.0.0.0", 8],
  ["169.254.0.0", 16],
  ["172.16.0.0", 12],
  ["192.0.0.0", 24],
  ["192.0.2.0", 24],
  ["192.88.99.0", 24],
  ["192.168.0.0", 16],
  ["198.18.0.0", 15],
  ["198.51.100.0", 24],
  ["203.0.113.0", 24],
  ["224.0.0.0", 3],
] as const) {
  reserved.addSubnet(network, prefix, "ipv4");
}
const globalUnicast = new BlockList();
globalUnicast.addSubnet("2000::", 3, "ipv6");
for (const [network, prefix] of [
  ["2001::", 23],
  ["2001:db8::", 32],
  ["2002::", 16],
  ["3fff::", 20],
] as const) {
  reserved.addSubnet(network, prefix, "ipv6");
}

/** Whether an address is of the open internet. */
export function isPublicAddress(address: string): boolean {
  const family = isIP(address);
  if (family === 4) return !reserved.check(address, "ipv4");
  return family === 6 && globalUnicast.check(address, "ipv6") && !reserved.check(address, "ipv6");
}

/**
 * Fetches a JSON document: the name is resolved once, every address is checked, and that address is connected to, so that no
 * second answer of the name service leads elsewhere. No redirects, no proxy; short and small.
 * @throws Error whose message is for the operator.
 */
export async function fetchJson(url: URL, options: OutgoingOptions): Promise<unknown> {
  const signal = AbortSignal.timeout(options.timeoutMs);
  const address = await resolveOnce(url.hostname.replace(/^\[|\]$/g, ""), options.allowPrivateAddresses);
  const response = await get(url, address, signal);
  if (response.statusCode !== 200) {
    response.destroy();
    throw new Error(`${url.origin} answered ${response.statusCode}`);
  }
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > options.limitBytes) throw new Error(`${url.origin} answered more than ${options.limitBytes} bytes`);
    chunks.push(chunk);
  }
  return JSON.parse(Buffer.concat(chunks).toString("utf8"));
}

interface Address {
  readonly address: string;
  readonly family: number;
}

async function resolveOnce(host: string, allowPrivate: boolean): Promise<Address> {
  const found = isIP(host) === 0 ? await lookup(host, { all: true }) : [{ address: host, family: isIP(host) }];
  const refused = allowPrivate ? undefined : found.find(({ address }) => !isPublicAddress(address));
  if (refused !== undefined) throw new Error(`${host} is at an address that is not public`);
  const [first] = found;
  if (first === undefined) throw new Error(`${host} has no address`);
  return first;
}

function get(url: URL, { address, family }: Address, signal: AbortSignal): Promise<IncomingMessage> {
  const options: RequestOptions = {
    signal,
    agent: false,
    headers: { accept: "application/json", "user-agent": "tda-platform" },
    family,
    lookup: (_host, asked, done) => {
      if (asked.all === true) done(null, [{ address, family }]);
      else done(null, address, family);
    },
  };
  const request = url.protocol === "https:" ? httpsRequest : httpRequest;
  return new Promise((resolve, reject) => {
    request(url, options, resolve).on("error", reject).end();
  });
}
