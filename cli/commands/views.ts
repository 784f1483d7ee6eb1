import type { Command } from "commander";
import type { View } from "../../shared/model/schemas/view.ts";
import type { Api } from "../http/api.ts";
import { path } from "../http/path.ts";
import { jsonText, visible } from "../terminal/style.ts";
import { type Column, fields } from "../terminal/table.ts";
import { type Filter, type FilterOptions, filterOf, withFilters } from "./filters.ts";
import { branch, leaf, type Outcome, perform } from "./leaf.ts";
import { type PageOptions, readPages, withPaging } from "./paging.ts";
import { showList } from "./show-list.ts";

interface SaveOptions extends FilterOptions {
  readonly name?: string;
  readonly shared?: boolean;
  readonly includeWaiting?: boolean;
}

const columns: Column<View>[] = [
  { title: "VIEW", cell: ({ viewId }) => viewId },
  { title: "NAME", cell: ({ name }) => name },
  { title: "OWNER", cell: ({ owner }) => owner },
  { title: "SHARED", cell: ({ shared }) => (shared ? "yes" : "") },
  { title: "FILTER", cell: ({ filter }) => jsonText(filter) },
];

const viewText = ({ viewId, name, owner, shared, filter }: View): string =>
  fields([
    ["view", viewId],
    ["name", visible(name)],
    ["owner", visible(owner)],
    ["shared", shared ? "yes" : "no"],
    ["filter", jsonText(filter, 2)],
  ]);

/** The filter that a saved view holds. */
export const viewFilter = async (api: Api, viewId: string): Promise<View["filter"]> =>
  (await api.get<View>(path`/views/${viewId}`)).filter;

export const addViews = (program: Command, outcome: Outcome): void => {
  const views = branch(program, "views", "Saved filters for runs and the attention list");

  withPaging(leaf(views, "list", "List your views and the shared ones", "sluice views list")).action(
    perform<PageOptions, []>(outcome, async ({ api, terminal }, options) => {
      showList(terminal, await readPages<View>(api(), "/views", {}, options), columns, "No views.");
    }),
  );

  leaf(views, "get <viewId>", "Show a view", "sluice views get my-failures").action(
    perform<object, [string]>(outcome, async ({ api, terminal }, _options, viewId) => {
      const view = await api().get<View>(path`/views/${viewId}`);
      terminal.result(view, () => viewText(view));
    }),
  );

  withFilters(
    leaf(
      views,
      "save <viewId>",
      "Save a filter, or change your own; times are kept as they are now",
      "sluice views save card-errors --status failed --error CardDeclined --shared --name 'Card errors'",
    ),
  )
    .option("--include-waiting", "those too that wait on a timer or a person")
    .option("--name <name>", "its name; the id by default")
    .option("--shared", "let everybody in the workspace see it")
    .action(
      perform<SaveOptions, [string]>(outcome, async ({ api, terminal }, options, viewId) => {
        const filter: Filter & { include?: string[] } = {
          ...filterOf(options, Date.now()),
          ...(options.includeWaiting === true ? { include: ["waiting"] } : {}),
        };
        const body = { name: options.name ?? viewId, filter, shared: options.shared === true };
        const view = await api().call<View>({ method: "PUT", path: path`/views/${viewId}`, body });
        terminal.result(view, () => viewText(view));
      }),
    );

  leaf(views, "delete <viewId>", "Delete a view", "sluice views delete my-failures").action(
    perform<object, [string]>(outcome, async ({ api, terminal }, _options, viewId) => {
      await api().call({ method: "DELETE", path: path`/views/${viewId}` });
      terminal.result({ viewId, deleted: true }, () => `${viewId} is deleted.`);
    }),
  );
};
