import { type Command, Option } from "commander";
import type { Run } from "../../shared/model/schemas/run.ts";
import { mayColumn, runColumns, whyColumn } from "../show/run.ts";
import { type FilterOptions, filterOf, queryOf, withFilters } from "./filters.ts";
import { leaf, type Outcome, perform } from "./leaf.ts";
import { type PageOptions, readPages, withPaging } from "./paging.ts";
import { showList } from "./show-list.ts";
import { viewFilter } from "./views.ts";

interface AttentionOptions extends FilterOptions, PageOptions {
  readonly includeWaiting?: boolean;
  readonly view?: string;
}

export const addAttention = (program: Command, outcome: Outcome): void => {
  withPaging(
    withFilters(
      leaf(
        program,
        "attention",
        "List paused and failed runs together: since when, why, and what may be done",
        "sluice attention",
        "sluice attention --include-waiting --flow order-approval",
        "sluice attention --view my-failures",
      ),
    ),
  )
    .option("--include-waiting", "those too that wait on a timer or a person")
    .addOption(new Option("--view <viewId>", "with the filter of a saved view; options win over it"))
    .action(
      perform<AttentionOptions, []>(outcome, async ({ api, terminal }, options) => {
        const service = api();
        const saved = options.view === undefined ? {} : await viewFilter(service, options.view);
        const { include, ...filter } = { ...saved, ...filterOf(options, Date.now()) };
        const waiting = options.includeWaiting === true || include?.includes("waiting") === true;
        const query = { ...queryOf(filter), include: waiting ? "waiting" : undefined };
        const page = await readPages<Run>(service, "/attention", query, options);
        const columns = [...runColumns(terminal.paint), mayColumn, whyColumn];
        showList(terminal, page, columns, "Nothing is paused or failed.");
      }),
    );
};
