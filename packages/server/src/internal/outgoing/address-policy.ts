import { BlockList, isIPv4 } from "node:net";

/**
 * Which addresses a call to the outside may reach. A URL that a user gives, or a name that it leads to, must not become a way
 * into the networks that the server can see and the user cannot (RFC 6890 and the registries of special-purpose addresses).
 */
export type AddressPolicy = "public" | "private-too";

const OF_NO_HOST: readonly [string, number][] = [
  ["0.0.0.0", 8],
  ["224.0.0.0", 4],
  ["240.0.0.0", 4],
];

/** Services that hand the machine's own credentials to whoever asks: AWS, Azure, Alibaba and Oracle, machines and containers. */
const METADATA: readonly [string, number][] = [
  ["169.254.169.254", 32],
  ["169.254.170.2", 32],
  ["169.254.170.23", 32],
  ["168.63.129.16", 32],
  ["100.100.100.200", 32],
  ["192.0.0.192", 32],
];

const NOT_PUBLIC: readonly [string, number][] = [
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
];

/** Within 2000::/3, which alone is public: protocol assignments and tunnels (Teredo, 6to4), documentation. */
const NOT_PUBLIC_6: readonly [string, number][] = [
  ["2001::", 23],
  ["2001:db8::", 32],
  ["2002::", 16],
  ["3fff::", 20],
];

/** Loopback, unique local and link-local: what `private-too` adds. Translated and mapped IPv4 is judged or refused as such. */
const PRIVATE_6: readonly [string, number][] = [
  ["::1", 128],
  ["fc00::", 7],
  ["fe80::", 10],
];

const never4 = listOf("ipv4", [...OF_NO_HOST, ...METADATA]);
const notPublic4 = listOf("ipv4", NOT_PUBLIC);
const never6 = listOf("ipv6", [
  ["fd00:ec2::254", 128],
  ["fd00:ec2::23", 128],
  ["fd20:ce::254", 128],
]);
const global6 = listOf("ipv6", [["2000::", 3]]);
const notPublic6 = listOf("ipv6", NOT_PUBLIC_6);
const private6 = listOf("ipv6", PRIVATE_6);
const mapped6 = listOf("ipv6", [["::ffff:0:0", 96]]);

function listOf(family: "ipv4" | "ipv6", subnets: readonly [string, number][]): BlockList {
  const list = new BlockList();
  for (const [network, prefix] of subnets) list.addSubnet(network, prefix, family);
  return list;
}

/** Whether a call may go to this address (IPv4, or IPv6 with or without a zone). What is no address is refused. */
export function isAddressAllowed(address: string, policy: AddressPolicy): boolean {
  if (isIPv4(address)) return isAllowed4(address, policy);
  const [plain = ""] = address.split("%", 1);
  // Written in whatever way, `::ffff:a00:1` is 10.0.0.1: the URL parser gives one form for all.
  const canonical = URL.canParse(`http://[${plain}]/`) ? new URL(`http://[${plain}]/`).hostname.slice(1, -1) : null;
  if (canonical === null || never6.check(canonical, "ipv6")) return false;
  if (mapped6.check(canonical, "ipv6")) return policy === "private-too" && isAllowed4(embedded4(canonical), policy);
  if (policy === "private-too" && private6.check(canonical, "ipv6")) return true;
  return global6.check(canonical, "ipv6") && !notPublic6.check(canonical, "ipv6");
}

function isAllowed4(address: string, policy: AddressPolicy): boolean {
  if (never4.check(address)) return false;
  return policy === "private-too" || !notPublic4.check(address);
}

/** The IPv4 address in the last 32 bits of `::ffff:a00:1`. */
function embedded4(canonical: string): string {
  const [high = "0", low = "0"] = canonical.split(":").slice(-2);
  const value = Number.parseInt(high, 16) * 0x1_0000 + Number.parseInt(low, 16);
  return [24, 16, 8, 0].map((shift) => (value >>> shift) & 0xff).join(".");
}
