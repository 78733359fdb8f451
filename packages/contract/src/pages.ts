import type { Static } from "typebox";
import type { JsonSchema } from "./json-schema.ts";
import { PAGE_DEFAULT_ITEMS, PAGE_MAX_ITEMS } from "./limits.ts";

/** Query parameters of every list. A list may add its own filters. */
export const PAGE_QUERY_PROPERTIES = {
  limit: {
    type: "integer",
    minimum: 1,
    maximum: PAGE_MAX_ITEMS,
    default: PAGE_DEFAULT_ITEMS,
    description: "Items of a page.",
  },
  cursor: {
    type: "string",
    maxLength: 200,
    description: "`next_cursor` of the page before.",
  },
} as const;

export const PAGE_QUERY_SCHEMA = {
  type: "object",
  additionalProperties: false,
  properties: PAGE_QUERY_PROPERTIES,
} as const;
export type PageQuery = Static<typeof PAGE_QUERY_SCHEMA>;

/** A page of a list: newest first, without totals. */
export interface Page<Item> {
  readonly items: readonly Item[];
  /** null: there is no next page. */
  readonly next_cursor: string | null;
}

/** The schema of a page of items. */
export function pageSchema(item: JsonSchema): JsonSchema {
  return {
    type: "object",
    additionalProperties: false,
    required: ["items", "next_cursor"],
    properties: {
      items: { type: "array", items: item },
      next_cursor: { type: ["string", "null"], description: "For the next page; null: there is none." },
    },
  };
}
