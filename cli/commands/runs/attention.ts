import { type Command, Option } from "commander";
import type { Run } from "../../../shared/model/schemas/run.ts";
import type { ViewFilter } from "../../../shared/model/schemas/run-filter.ts";
import { type FilterOptions, filterOf, queryOf, withFilters } from "../../options/filters.ts";
import { actionsColumn, runColumns, whyColumn } from "../../show/run.ts";
import { leaf } from "../command.ts";
import { listing } from "../shared-commands.ts";

interface AttentionOptions extends FilterOptions {
  readonly includeWaiting?: boolean;
  readonly view?: string;
}

export const addAttention = (program: Command): void => {
  const command = leaf(
    program,
    "attention",
    "List paused and failed runs: since when, why, and which actions they allow",
    "sluice attention",
    "sluice attention --include-waiting --flow order-approval",
    "sluice attention --view my-failures",
  );
  listing<Run, AttentionOptions>(
    withFilters(command)
      .option("--include-waiting", "include runs that wait for a timer, a person or a callback")
      .addOption(
        new Option("--view <viewId>", "apply the filter of a saved view; other filters override it"),
      ),
    {
      columns: (paint) => [...runColumns(paint), actionsColumn, whyColumn],
      empty: "No paused or failed runs.",
      read: async (api, page, _args, options) => {
        const saved: ViewFilter =
          options.view === undefined ? {} : (await api.getView({ viewId: options.view })).filter;
        const { include, ...filter } = { ...saved, ...filterOf(options, Date.now()) };
        const isWaitingIncluded = options.includeWaiting === true || include?.includes("waiting") === true;
        return api.listAttention({
          query: { ...queryOf(filter), ...page, include: isWaitingIncluded ? "waiting" : undefined },
        });
      },
    },
  );
};
