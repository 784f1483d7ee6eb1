import { type Command, Option } from "commander";
import type { Json, JsonObject } from "../../../shared/model/json/json.ts";
import type { Run } from "../../../shared/model/schemas/run.ts";
import { RUN_ACTIONS, type RunAction } from "../../../shared/model/transitions.ts";
import { usage } from "../../failure.ts";
import { condition, type IfMatchOptions, withIfMatch } from "../../options/if-match.ts";
import { positive } from "../../options/paging.ts";
import { type VersionChoice, versionOption } from "../../options/version.ts";
import { rehearsalText } from "../../show/rehearsal.ts";
import { paintStatus, pausesNext, whyOf } from "../../show/run.ts";
import { parseJson, readJson } from "../../terminal/read-json.ts";
import { type Paint, visible } from "../../terminal/style.ts";
import { leaf, perform } from "../command.ts";
import { calling, deleting } from "../shared-commands.ts";

interface ControlOptions extends IfMatchOptions {
  readonly reason?: string;
  readonly override?: boolean;
  readonly giveUp?: boolean;
  readonly at?: string;
  readonly input?: string;
  readonly variables?: string;
  readonly version?: VersionChoice;
  readonly skipWith?: string;
  readonly detach?: boolean;
  readonly before?: string;
  readonly steps?: number;
  readonly dryRun?: boolean;
}

/** Reads JSON, or with `@` the JSON of a file; `@-` is stdin. */
const jsonOf = async (text: string | undefined, option: string): Promise<Json | undefined> =>
  text === undefined ? undefined : text.startsWith("@") ? readJson(text.slice(1)) : parseJson(text, option);

const moveOf = async ({ at, input, variables, version, skipWith, detach }: ControlOptions) => ({
  ...{ at, version, detach },
  input: await jsonOf(input, "--input"),
  variables: (await jsonOf(variables, "--variables")) as JsonObject | undefined,
  output: await jsonOf(skipWith, "--skip-with"),
});

const DECISIONS = ["approved", "rejected", "submitted"] as const;
interface CompleteOptions {
  readonly decision: (typeof DECISIONS)[number];
  readonly comment?: string;
  readonly data?: string;
}

const DESCRIPTIONS: Readonly<Record<RunAction, string>> = {
  pause:
    "Pause a run at its next step or, with --before, when it reaches a state; a step in progress finishes first",
  resume: "Resume a run that a user paused, or retry the failed step of a run that an error paused",
  cancel: "Cancel a run permanently",
};

const statusText = (run: Run, paint: Paint): string => {
  if (run.rehearsal !== undefined) return rehearsalText(run.rehearsal);
  const why = visible(whyOf(run));
  const is = `Run ${run.runId} is ${paintStatus(paint, run.status)}${why === "" ? "" : ` (${why})`}.`;
  const next = visible(pausesNext(run));
  return next === "" ? is : `${is} It will be paused ${next}.`;
};

export const addRunControl = (runs: Command): void => {
  for (const action of RUN_ACTIONS) {
    const command = withIfMatch(
      leaf(
        runs,
        `${action} <runId>`,
        DESCRIPTIONS[action],
        `sluice runs ${action} 0198c1e2-… --reason 'as agreed'`,
      ),
    ).option("--reason <text>", "reason, recorded in the audit trail");
    if (action === "pause")
      command.option("--before <state>", "pause the run when it reaches this state, not now");
    if (action === "resume")
      command
        .option(
          "--override",
          "as an administrator, resume even if the run's user lacks permissions that later steps require",
        )
        .option("--at <state>", "as an administrator, continue at this top-level state")
        .option("--input <json>", "input of that state; @file reads it from a file")
        .option("--variables <json>", "values of variables; @file reads them from a file")
        .addOption(versionOption())
        .option("--skip-with <json>", "skip the current step, with this output; @file reads it from a file")
        .option("--steps <n>", "let this many steps begin, then pause the run again", positive)
        .option("--dry-run", "say what would be called next and with which input; call and change nothing")
        .option("--detach", "leave an execution that somebody else started, even if they are waiting for it")
        .option("--give-up", "do not retry the step: the run fails with the error that paused it");
    calling(
      command,
      async (
        api,
        [runId],
        { reason, override, giveUp, before, steps, dryRun, ...options }: ControlOptions,
      ) => {
        const body = {
          reason,
          override,
          giveUp,
          before,
          steps,
          dryRun,
          ...(action === "resume" ? await moveOf(options) : {}),
        };
        return api()[`${action}Run`]({ runId, body, ifMatch: condition(options) });
      },
      statusText,
    );
  }

  leaf(
    runs,
    "complete <runId> [stepId]",
    "Answer an approval or a form; without a step id, the one that the run is waiting on",
    "sluice runs complete 0198c1e2-… --decision approved --comment 'good customer'",
  )
    .addOption(new Option("--decision <decision>", "the answer").choices(DECISIONS).makeOptionMandatory())
    .option("--comment <text>", "comment on the decision")
    .option("--data <json>", "the form's data")
    .action(
      perform<CompleteOptions, [string, string | undefined]>(
        async ({ api, terminal }, { decision, comment, data }, runId, given) => {
          const client = api();
          const stepId = given ?? (await client.getRun({ runId })).waitingOn?.stepId;
          if (stepId === undefined)
            throw usage(
              "The run is not waiting on a top-level step. Give a step id (see sluice runs steps).",
            );
          const body = {
            decision,
            comment,
            data: data === undefined ? undefined : parseJson(data, "--data"),
          };
          const step = await client.completeStep({ runId, stepId, body });
          terminal.result(step, () => `Step ${visible(step.name)} is ${decision}.`);
        },
      ),
    );

  deleting(
    leaf(
      runs,
      "delete <runId>",
      "Delete a queued, paused, completed, failed or cancelled run permanently",
      "sluice runs delete 0198c1e2-… --yes",
    ),
    "run",
    (api, runId, ifMatch) => api.deleteRun({ runId, ifMatch }),
  );
};
