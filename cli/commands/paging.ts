import { type Command, InvalidArgumentError } from "commander";
import { MAX_PAGE } from "../../shared/model/limits.ts";
import type { Api } from "../http/api.ts";
import type { Query } from "../http/path.ts";

export interface PageOptions {
  readonly limit: number;
  readonly all?: boolean;
  readonly cursor?: string;
}
export interface Page<T> {
  readonly items: readonly T[];
  readonly nextCursor?: string;
}

export const positive = (text: string): number => {
  const value = Number(text);
  if (!/^\d{1,9}$/.test(text) || value < 1)
    throw new InvalidArgumentError("It must be a whole number from 1.");
  return value;
};

export const withPaging = (command: Command): Command =>
  command
    .option("--limit <n>", "at most so many", positive, 50)
    .option("--all", "all of them, however many")
    .option("--cursor <cursor>", "go on where a page with nextCursor ended");

/** As many pages as it takes; `nextCursor` is there where more is left. */
export const readPages = async <T>(
  api: Api,
  target: string,
  query: Query,
  { limit, all, cursor }: PageOptions,
): Promise<Page<T>> => {
  const items: T[] = [];
  let next = cursor;
  do {
    const wanted = all === true ? MAX_PAGE : Math.min(MAX_PAGE, limit - items.length);
    const page: Page<T> = await api.get(target, { ...query, limit: wanted, cursor: next });
    items.push(...page.items);
    next = page.nextCursor;
  } while (next !== undefined && (all === true || items.length < limit));
  return next === undefined ? { items } : { items, nextCursor: next };
};
