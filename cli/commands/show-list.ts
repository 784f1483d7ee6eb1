import { type Column, table } from "../terminal/table.ts";
import type { Terminal } from "../terminal/terminal.ts";
import type { Page } from "./paging.ts";

/** A page as a table; what to say where there is nothing, and how to see more, go to stderr. */
export const showList = <T>(
  terminal: Terminal,
  page: Page<T>,
  columns: readonly Column<T>[],
  nothing: string,
): void => {
  if (page.items.length > 0 || terminal.json)
    terminal.result(page, () => table(page.items, columns, terminal.columns));
  else terminal.say(nothing);
  if (page.nextCursor !== undefined && !terminal.json)
    terminal.say(`There are more: --all, or --cursor ${page.nextCursor}`);
};
