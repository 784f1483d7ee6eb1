import type { Command } from "commander";
import type { Client } from "../../shared/client/operations.ts";
import type { Page } from "../../shared/client/pages.ts";
import type { Flow } from "../../shared/model/schemas/flow.ts";
import { condition, type IfMatchOptions, withIfMatch } from "../options/if-match.ts";
import { type PageOptions, type PageQuery, readPages, withPaging } from "../options/paging.ts";
import { flowText } from "../show/flow.ts";
import type { Paint } from "../terminal/style.ts";
import { type Column, table } from "../terminal/table.ts";
import type { Terminal } from "../terminal/terminal.ts";
import { perform } from "./command.ts";

interface List<T, O> {
  readonly columns: readonly Column<T>[] | ((paint: Paint) => readonly Column<T>[]);
  /** The message for an empty list. */
  readonly empty: string;
  readonly read: (api: Client, query: PageQuery, args: string[], options: O) => Promise<Page<T>>;
}

/** Gives a command the paging options, and lets it print what it reads as a table. */
export const listing = <T, O = unknown>(command: Command, list: List<T, O>): Command =>
  withPaging(command).action(
    perform<O & PageOptions, string[]>(async ({ api, terminal }, options, ...args) => {
      const client = api();
      const page = await readPages((query) => list.read(client, query, args, options), options);
      showPage(terminal, page, list);
    }),
  );

/** Prints the rows on stdout. The message for an empty list and the hint about further pages go to stderr. */
export const showPage = <T>(
  terminal: Terminal,
  page: Page<T>,
  { columns, empty }: Pick<List<T, never>, "columns" | "empty">,
): void => {
  const shown = typeof columns === "function" ? columns(terminal.paint) : columns;
  if (page.items.length > 0 || terminal.json)
    terminal.result(page, () => table(page.items, shown, terminal.columns));
  else terminal.say(empty);
  if (page.nextCursor !== undefined && !terminal.json)
    terminal.say(`There are more. Add --all, or --cursor ${page.nextCursor}`);
};

/** Lets a command delete the thing that its argument names, after a confirmation. */
export const deleting = (
  command: Command,
  thing: "flow" | "run",
  remove: (api: Client, id: string, ifMatch: number | "any") => Promise<unknown>,
): Command =>
  withIfMatch(command)
    .option("--yes", "skip the confirmation")
    .action(
      perform<IfMatchOptions & { yes?: boolean }, [string]>(async ({ api, terminal }, options, id) => {
        await terminal.confirm(`Delete the ${thing} ${id}? This cannot be undone.`, options.yes);
        await remove(api(), id, condition(options));
        terminal.result({ [`${thing}Id`]: id, deleted: true }, () => `Deleted ${thing} ${id}.`);
      }),
    );

/** Makes a command send one request with its arguments and options, and print the answer. */
export const calling = <T, O = object, A extends readonly string[] = [string]>(
  command: Command,
  call: (api: () => Client, args: A, options: O) => Promise<T>,
  text: (answer: T, paint: Paint) => string,
): Command =>
  command.action(
    perform<O, A>(async ({ api, terminal }, options, ...args) => {
      const answer = await call(api, args, options);
      terminal.result(answer, () => text(answer, terminal.paint));
    }),
  );

/** Lets a command change a flow by the named options. If none of them is given, it shows the flow. */
export const changing = <O extends object>(
  command: Command,
  names: readonly (keyof O)[],
  change: (
    api: Client,
    request: { readonly flowId: string; readonly body: O; readonly ifMatch: number | "any" },
  ) => Promise<Flow>,
): Command =>
  calling(
    withIfMatch(command),
    (api, [flowId], options: O & IfMatchOptions) => {
      const given = names.filter((name) => options[name] !== undefined);
      if (given.length === 0) return api().getFlow({ flowId });
      const body = Object.fromEntries(given.map((name) => [name, options[name]])) as O;
      return change(api(), { flowId, body, ifMatch: condition(options) });
    },
    flowText,
  );

/** Lets a command remove the thing that its argument names, without a confirmation. */
export const removing = (
  command: Command,
  thing: "member" | "view",
  remove: (api: Client, id: string) => Promise<unknown>,
): Command => {
  const [key, done] = thing === "member" ? ["userId", "removed"] : ["viewId", "deleted"];
  return calling(
    command,
    async (api, [id]) => {
      await remove(api(), id);
      return { [key]: id, [done]: true };
    },
    (answer) => `${done === "removed" ? "Removed" : "Deleted"} ${thing} ${answer[key]}.`,
  );
};
