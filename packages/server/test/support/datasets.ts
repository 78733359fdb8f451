import type { Dataset } from "@tda-platform/contract/datasets";
import { expect } from "vitest";
import type { TestServer } from "./test-bed.ts";

export type Body = NonNullable<RequestInit["body"]>;

/** Three points, with a header. */
export const POINTS = "x,y\n0,0\n1,0\n0.5,1\n";

export async function create(
  server: TestServer,
  body: Body,
  query = "",
  type: string | null = "text/csv",
): Promise<Response> {
  const headers: Record<string, string> = type === null ? {} : { "content-type": type };
  return await fetch(`${server.url}/v1/datasets${query}`, { method: "POST", headers, body });
}

/** A dataset that must be taken. */
export async function created(
  server: TestServer,
  body: Body = POINTS,
  query = "",
  type: string | null = "text/csv",
): Promise<Dataset> {
  const response = await create(server, body, query, type);
  expect(response.status, await response.clone().text()).toBe(201);
  return (await response.json()) as Dataset;
}
