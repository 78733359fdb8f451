import { expect, test } from "vitest";
import { isAddressAllowed } from "./address-policy.ts";

const PUBLIC = ["1.1.1.1", "8.8.8.8", "172.15.255.255", "172.32.0.1", "100.63.0.1", "100.128.0.1", "223.255.255.255"];
const PUBLIC_6 = ["2606:4700:4700::1111", "2a00:1450:4001::200e", "2400::1"];
const PRIVATE = [
  "10.0.0.1",
  "100.64.0.1",
  "127.0.0.1",
  "127.255.255.254",
  "169.254.1.1",
  "172.16.0.1",
  "172.31.255.255",
  "192.0.0.1",
  "192.0.2.1",
  "192.168.1.1",
  "198.18.0.1",
  "198.51.100.7",
  "203.0.113.9",
];
const PRIVATE_6 = [
  "::1",
  "0:0:0:0:0:0:0:1",
  "fc00::1",
  "fd12:3456::1",
  "fe80::1",
  "fe80::1%eth0",
  "::ffff:10.0.0.1",
  "::FFFF:7f00:1",
];
const NEVER = [
  "0.0.0.0",
  "0.1.2.3",
  "224.0.0.1",
  "239.255.255.255",
  "240.0.0.1",
  "255.255.255.255",
  "169.254.169.254",
  "168.63.129.16",
  "100.100.100.200",
  "192.0.0.192",
  "::",
  "ff02::1",
  "fd00:ec2::254",
  "fec0::1",
  "64:ff9b::a9fe:a9fe",
  "64:ff9b::7f00:1",
  "64:ff9b:1::1",
  "::127.0.0.1",
  "::ffff:169.254.169.254",
  "::ffff:0:0",
  "::ffff:0:7f00:1",
  "2001::1",
  "2001:db8::1",
  "2002:7f00:1::",
  "3fff::1",
  "100::1",
  "5f00::1",
  "not an address",
  "",
  "127.1",
];

test.each([...PUBLIC, ...PUBLIC_6])("%s is public", (address) => {
  expect([isAddressAllowed(address, "public"), isAddressAllowed(address, "private-too")]).toEqual([true, true]);
});

test.each([...PRIVATE, ...PRIVATE_6])("%s is for who allows private addresses", (address) => {
  expect([isAddressAllowed(address, "public"), isAddressAllowed(address, "private-too")]).toEqual([false, true]);
});

test.each(NEVER)("%s is never called", (address) => {
  expect([isAddressAllowed(address, "public"), isAddressAllowed(address, "private-too")]).toEqual([false, false]);
});

test("an IPv4 address that is written as IPv6 is not public, also when it is", () => {
  expect(isAddressAllowed("::ffff:8.8.8.8", "public")).toBe(false);
});
