import type { Command } from "commander";
import type { AuditItem, Run, Step } from "../../shared/model/schemas/run.ts";
import { path } from "../http/path.ts";
import { auditColumns, runColumns, runText, stepColumns, whyColumn } from "../show/run.ts";
import { jsonText } from "../terminal/style.ts";
import { fields } from "../terminal/table.ts";
import { type FilterOptions, filterOf, queryOf, withFilters } from "./filters.ts";
import { branch, leaf, type Outcome, perform } from "./leaf.ts";
import { type PageOptions, readPages, withPaging } from "./paging.ts";
import { addRunControl } from "./run-control.ts";
import { addRunStarts } from "./run-starts.ts";
import { showList } from "./show-list.ts";

export const addRuns = (program: Command, outcome: Outcome): void => {
  const runs = branch(program, "runs", "Runs: look, pause, resume, cancel, replay");

  withPaging(
    withFilters(
      leaf(
        runs,
        "list",
        "List runs, newest first",
        "sluice runs list --status failed,paused --flow order-approval",
        "sluice runs list --status failed --created-after P1D --all --json | jq -r '.items[].runId'",
      ),
    ),
  ).action(
    perform<FilterOptions & PageOptions, []>(outcome, async ({ api, terminal }, options) => {
      const page = await readPages<Run>(api(), "/runs", queryOf(filterOf(options, Date.now())), options);
      showList(terminal, page, [...runColumns(terminal.paint), whyColumn], "No runs match.");
    }),
  );

  leaf(runs, "get <runId>", "Show a run with its payload and output", "sluice runs get 0198c1e2-…").action(
    perform<object, [string]>(outcome, async ({ api, terminal }, _options, runId) => {
      const run = await api().get<Run>(path`/runs/${runId}`);
      terminal.result(run, () => runText(run, terminal.paint));
    }),
  );

  withPaging(
    leaf(
      runs,
      "steps <runId> [stepId]",
      "List a run's steps, oldest first, or show one with its whole input and output",
      "sluice runs steps 0198c1e2-…",
    ),
  ).action(
    perform<PageOptions, [string, string | undefined]>(
      outcome,
      async ({ api, terminal }, options, runId, stepId) => {
        const target = path`/runs/${runId}/steps`;
        if (stepId === undefined) {
          showList(terminal, await readPages<Step>(api(), target, {}, options), stepColumns, "No steps yet.");
        } else {
          const step = await api().get<Step>(target + path`/${stepId}`);
          terminal.result(step, () => stepText(step));
        }
      },
    ),
  );

  withPaging(
    leaf(
      runs,
      "audit <runId>",
      "Show every change of a run's status: who, when, why",
      "sluice runs audit 0198c1e2-…",
    ),
  ).action(
    perform<PageOptions, [string]>(outcome, async ({ api, terminal }, options, runId) => {
      const page = await readPages<AuditItem>(api(), path`/runs/${runId}/audit`, {}, options);
      showList(terminal, page, auditColumns, "No changes.");
    }),
  );

  addRunStarts(runs, outcome);
  addRunControl(runs, outcome);
};

const stepText = (step: Step): string =>
  fields([
    ["step", `${step.name} (${step.type})`],
    ["status", step.status],
    ["error", step.error === undefined ? undefined : `${step.error.error}: ${step.error.cause}`],
    ["input", jsonText(step.input, 2)],
    ["output", step.output === undefined ? undefined : jsonText(step.output, 2)],
  ]);
