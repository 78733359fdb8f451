import { expect, test } from "vitest";
import { isLoopbackHost } from "./loopback.ts";

test.each(["127.0.0.1", "127.255.0.1", "::1", "[::1]", "localhost", "LOCALHOST", "::ffff:127.0.0.1"])(
  "%s is this machine",
  (host) => {
    expect(isLoopbackHost(host)).toBe(true);
  },
);

test.each(["0.0.0.0", "::", "128.0.0.1", "localhost.example.org", "127.0.0.1.example.org", "", "::ffff:8.8.8.8"])(
  "%s may be another",
  (host) => {
    expect(isLoopbackHost(host)).toBe(false);
  },
);
