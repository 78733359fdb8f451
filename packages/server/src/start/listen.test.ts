import { fastify } from "fastify";
import { expect, test } from "vitest";
import { StartError } from "../internal/start-error.ts";
import { listen } from "./listen.ts";

test.each(["127.0.0.1", "localhost", "0.0.0.0"])("the address told for %s can be called", async (host) => {
  const server = fastify();
  server.get("/", () => "here");
  const url = await listen(server, host, 0);
  expect(await (await fetch(url)).text()).toBe("here");
  await server.close();
});

test("an address of another machine cannot be listened on, and the setting is named", async () => {
  const listening = listen(fastify(), "192.0.2.1", 0);
  await expect(listening).rejects.toThrow(StartError);
  await expect(listening).rejects.toThrow(/API_HOST/);
});
