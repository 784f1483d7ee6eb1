import { type Command, Option } from "commander";
import type { Run, Step } from "../../shared/model/schemas/run.ts";
import { RUN_ACTIONS, type RunAction } from "../../shared/model/transitions.ts";
import { usage } from "../failure.ts";
import { path } from "../http/path.ts";
import { paintStatus, whyOf } from "../show/run.ts";
import { parseJson } from "../terminal/read-json.ts";
import { visible } from "../terminal/style.ts";
import { type IfMatchOptions, withIfMatch } from "./if-match.ts";
import { leaf, type Outcome, perform } from "./leaf.ts";

interface ControlOptions extends IfMatchOptions {
  readonly reason?: string;
  readonly override?: boolean;
}

interface CompleteOptions {
  readonly decision: string;
  readonly comment?: string;
  readonly data?: string;
}

const DESCRIPTIONS: Readonly<Record<RunAction, string>> = {
  pause: "Pause a run at its next step; the one in progress finishes",
  resume: "Lift a user's pause",
  cancel: "Cancel a run, for good",
};

export const addRunControl = (runs: Command, outcome: Outcome): void => {
  for (const action of RUN_ACTIONS) {
    const command = withIfMatch(
      leaf(
        runs,
        `${action} <runId>`,
        DESCRIPTIONS[action],
        `sluice runs ${action} 0198c1e2-… --reason 'as agreed'`,
      ),
    ).option("--reason <text>", "why; kept in the audit");
    if (action === "resume")
      command.option("--override", "administrators: though its user lacks permissions that steps ahead need");
    command.action(
      perform<ControlOptions, [string]>(outcome, async ({ api, terminal }, options, runId) => {
        const { reason, override, ifMatch } = options;
        const target = path`/runs/${runId}/${action}`;
        const body = { reason, override };
        const run = await api().call<Run>({ method: "POST", path: target, body, ifMatch });
        const why = visible(whyOf(run));
        terminal.result(
          run,
          () => `${run.runId} is ${paintStatus(terminal.paint, run.status)}${why === "" ? "" : ` (${why})`}.`,
        );
      }),
    );
  }

  leaf(
    runs,
    "complete <runId> [stepId]",
    "Answer an approval or a form; without a step, the one that the run waits on",
    "sluice runs complete 0198c1e2-… --decision approved --comment 'good customer'",
  )
    .addOption(
      new Option("--decision <decision>", "the answer")
        .choices(["approved", "rejected", "submitted"])
        .makeOptionMandatory(),
    )
    .option("--comment <text>", "a word to it")
    .option("--data <json>", "what was filled in")
    .action(
      perform<CompleteOptions, [string, string | undefined]>(
        outcome,
        async ({ api, terminal }, { decision, comment, data }, runId, asked) => {
          const service = api();
          const stepId = asked ?? (await service.get<Run>(path`/runs/${runId}`)).waitingOn?.stepId;
          if (stepId === undefined)
            throw usage("The run waits on no step at its top level; name one (sluice runs steps).");
          const body = {
            decision,
            comment,
            data: data === undefined ? undefined : parseJson(data, "--data"),
          };
          const target = path`/runs/${runId}/steps/${stepId}/complete`;
          const step = await service.call<Step>({ method: "POST", path: target, body });
          terminal.result(step, () => `${visible(step.name)} is ${decision}.`);
        },
      ),
    );

  withIfMatch(
    leaf(
      runs,
      "delete <runId>",
      "Delete a run for good: a queued, paused, completed, failed or cancelled one",
      "sluice runs delete 0198c1e2-… --yes",
    ),
  )
    .option("--yes", "do not ask")
    .action(
      perform<IfMatchOptions & { yes?: boolean }, [string]>(
        outcome,
        async ({ api, terminal }, { ifMatch, yes }, runId) => {
          await terminal.confirm(`Delete the run ${runId}, for good?`, yes);
          await api().call({ method: "DELETE", path: path`/runs/${runId}`, ifMatch });
          terminal.result({ runId, deleted: true }, () => `${runId} is deleted.`);
        },
      ),
    );
};
