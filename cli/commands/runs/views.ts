import type { Command } from "commander";
import type { View } from "../../../shared/model/schemas/view.ts";
import { type FilterOptions, filterOf, withFilters } from "../../options/filters.ts";
import { jsonText, visible } from "../../terminal/style.ts";
import { type Column, fields } from "../../terminal/table.ts";
import { branch, leaf } from "../command.ts";
import { calling, listing, removing } from "../shared-commands.ts";

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

export const addViews = (program: Command): void => {
  const views = branch(program, "views", "Save filters for the lists of runs");

  listing(leaf(views, "list", "List your own and shared views", "sluice views list"), {
    columns,
    empty: "No views.",
    read: (api, query) => api.listViews({ query }),
  });

  calling(
    leaf(views, "get <viewId>", "Show a view", "sluice views get my-failures"),
    (api, [viewId]) => api().getView({ viewId }),
    viewText,
  );

  const save = leaf(
    views,
    "save <viewId>",
    "Save a view, or change your own; relative times are stored as absolute times",
    "sluice views save card-errors --status failed --error CardDeclined --shared --name 'Card errors'",
  );
  calling(
    withFilters(save)
      .option("--include-waiting", "include runs that wait for a timer, a person or a callback")
      .option("--name <name>", "name of the view; its id by default")
      .option("--shared", "show the view to everyone in the workspace"),
    (api, [viewId], options: SaveOptions) => {
      const filter = {
        ...filterOf(options, Date.now()),
        ...(options.includeWaiting === true ? { include: ["waiting" as const] } : {}),
      };
      const body = { name: options.name ?? viewId, filter, shared: options.shared === true };
      return api().putView({ viewId, body });
    },
    viewText,
  );

  removing(
    leaf(views, "delete <viewId>", "Delete a view", "sluice views delete my-failures"),
    "view",
    (api, viewId) => api.deleteView({ viewId }),
  );
};
