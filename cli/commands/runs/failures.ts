import type { Command } from "commander";
import { positive } from "../../options/paging.ts";
import { failureGroupColumns } from "../../show/failure-group.ts";
import { pastInstant } from "../../terminal/times.ts";
import { leaf, perform } from "../command.ts";
import { showPage } from "../shared-commands.ts";

interface FailuresOptions {
  readonly flow?: string;
  readonly since?: string;
  readonly limit: number;
}

export const addFailures = (program: Command): void => {
  leaf(
    program,
    "failures",
    "Group the failed runs and those that an error paused by the cause of their failure",
    "sluice failures --flow order-approval --since P1D",
    "sluice runs list --failure order-approval.3f0c2a9d51e7b864",
    "sluice bulk resume --failure order-approval.3f0c2a9d51e7b864 --version latest",
  )
    .option("--flow <flowId>", "of this flow")
    .option("--since <time>", "since this ISO 8601 time, or this long ago, such as P1D")
    .option("--limit <n>", "maximum number of groups", positive, 50)
    .action(
      perform<FailuresOptions, []>(async ({ api, terminal }, { flow, since, limit }) => {
        const query = {
          limit,
          flowId: flow,
          since: since === undefined ? undefined : pastInstant(since, Date.now()),
        };
        showPage(terminal, await api().getFailures({ query }), {
          columns: failureGroupColumns,
          empty: "No failures.",
        });
      }),
    );
};
