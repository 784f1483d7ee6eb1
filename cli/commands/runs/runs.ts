import type { Command } from "commander";
import type { Run } from "../../../shared/model/schemas/run.ts";
import { type FilterOptions, filterOf, queryOf, withFilters } from "../../options/filters.ts";
import { type PageOptions, readPages, withPaging } from "../../options/paging.ts";
import { auditColumns, runColumns, runText, whyColumn } from "../../show/run.ts";
import { stepColumns, stepText } from "../../show/step.ts";
import { branch, leaf, perform } from "../command.ts";
import { calling, listing, showPage } from "../shared-commands.ts";
import { addRunControl } from "./run-control.ts";
import { addRunLogs } from "./run-logs.ts";
import { addRunStarts } from "./run-starts.ts";

export const addRuns = (program: Command): void => {
  const runs = branch(program, "runs", "Inspect, pause, resume, cancel, replay and delete runs");

  const list = leaf(
    runs,
    "list",
    "List runs, newest first",
    "sluice runs list --status failed,paused --flow order-approval",
    "sluice runs list --status failed --created-after P1D --all --json | jq -r '.items[].runId'",
  );
  listing<Run, FilterOptions>(withFilters(list), {
    columns: (paint) => [...runColumns(paint), whyColumn],
    empty: "No matching runs.",
    read: (api, page, _args, options) =>
      api.listRuns({ query: { ...queryOf(filterOf(options, Date.now())), ...page } }),
  });

  calling(
    leaf(runs, "get <runId>", "Show a run with its payload and output", "sluice runs get 0198c1e2-…"),
    (api, [runId]) => api().getRun({ runId }),
    runText,
  );

  withPaging(
    leaf(
      runs,
      "steps <runId> [stepId]",
      "List a run's steps, oldest first, or show one step with its complete input and output",
      "sluice runs steps 0198c1e2-…",
    ),
  ).action(
    perform<PageOptions, [string, string | undefined]>(async ({ api, terminal }, options, runId, stepId) => {
      const client = api();
      if (stepId === undefined) {
        const page = await readPages((query) => client.listSteps({ runId, query }), options);
        showPage(terminal, page, { columns: stepColumns, empty: "No steps yet." });
      } else {
        const step = await client.getStep({ runId, stepId });
        terminal.result(step, () => stepText(step));
      }
    }),
  );

  addRunLogs(runs);

  listing(
    leaf(
      runs,
      "audit <runId>",
      "Show a run's audit trail: every status change, by whom, when and why",
      "sluice runs audit 0198c1e2-…",
    ),
    {
      columns: auditColumns,
      empty: "No changes.",
      read: (api, query, [runId = ""]) => api.listRunAudit({ runId, query }),
    },
  );

  addRunStarts(runs);
  addRunControl(runs);
};
