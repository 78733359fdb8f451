import { PAGE_DEFAULT_ITEMS } from "@tda-platform/contract/limits";
import type { Page, PageQuery } from "@tda-platform/contract/pages";
import { problemAt } from "../domain/problem.ts";

/** What a list asks its store for: items older than `before` (an identifier, which sorts by time), newest first. */
export interface PageRequest {
  readonly limit: number;
  readonly before: string | null;
}

const CURSOR = /^[a-z]{2,4}_[0-9a-f-]{36}$/;

/** Reads `limit` and `cursor`. @throws ProblemError when the cursor is none of ours. */
export function pageRequest({ limit = PAGE_DEFAULT_ITEMS, cursor }: PageQuery): PageRequest {
  if (cursor === undefined) return { limit, before: null };
  const before = Buffer.from(cursor, "base64url").toString("latin1");
  if (!CURSOR.test(before)) throw problemAt("validation_failed", "/cursor", "This cursor is not one of this list.");
  return { limit, before };
}

/** A page from one item more than was asked for: that there is one more tells that there is a next page. */
export function page<Item>(found: readonly Item[], { limit }: PageRequest, idOf: (item: Item) => string): Page<Item> {
  const items = found.slice(0, limit);
  const last = items.at(-1);
  const hasMore = found.length > limit && last !== undefined;
  return { items, next_cursor: hasMore ? Buffer.from(idOf(last), "latin1").toString("base64url") : null };
}
