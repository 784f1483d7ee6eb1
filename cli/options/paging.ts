import { type Command, InvalidArgumentError } from "commander";
import { type Page, pagesOf } from "../../shared/client/pages.ts";
import { MAX_PAGE } from "../../shared/model/limits.ts";

export interface PageOptions {
  readonly limit: number;
  readonly all?: boolean;
  readonly cursor?: string;
}

/** The query parameters of one page. */
export interface PageQuery {
  readonly limit: number;
  readonly cursor: string | undefined;
}

export const positive = (text: string): number => {
  const value = Number(text);
  if (!/^\d{1,9}$/.test(text) || value < 1)
    throw new InvalidArgumentError("Expected a whole number of at least 1.");
  return value;
};

export const withPaging = (command: Command): Command =>
  command
    .option("--limit <n>", "maximum number of items", positive, 50)
    .option("--all", "list all items, without a limit")
    .option("--cursor <cursor>", "continue after a page, from its nextCursor");

/** Reads as many pages as the options ask for. `nextCursor` is set if more items are left. */
export const readPages = async <T>(
  read: (query: PageQuery) => Promise<Page<T>>,
  { limit, all, cursor }: PageOptions,
): Promise<Page<T>> => {
  const items: T[] = [];
  let nextCursor: string | undefined;
  const readPage = (next: string | undefined) =>
    read({ limit: all === true ? MAX_PAGE : Math.min(MAX_PAGE, limit - items.length), cursor: next });
  for await (const page of pagesOf(readPage, cursor)) {
    items.push(...page.items);
    nextCursor = page.nextCursor;
    if (all !== true && items.length >= limit) break;
  }
  return nextCursor === undefined ? { items } : { items, nextCursor };
};
