import type { Command } from "commander";
import type { Attached } from "../../../shared/model/api/responses.ts";
import { EXIT, usage } from "../../failure.ts";
import { condition, type IfMatchOptions, withIfMatch } from "../../options/if-match.ts";
import { attachReportText } from "../../show/attach-report.ts";
import { flowText } from "../../show/flow.ts";
import { leaf, perform } from "../command.ts";
import { whenUnreachableOption } from "./flow-settings.ts";

interface AdoptOptions {
  readonly flow: string;
  readonly name?: string;
  readonly alias?: string[];
  readonly apply?: boolean;
  readonly dryRun?: boolean;
  readonly force?: boolean;
  readonly whenUnreachable?: "pass" | "fail";
}

/** Adds the commands that attach a flow to a state machine of your own, and that detach it. */
export const addAttach = (program: Command): void => {
  leaf(
    program,
    "adopt <stateMachineArn>",
    "Attach a flow to a state machine of your own, so that each of its executions is a run. Without --apply, only report what would change",
    "sluice adopt arn:aws:states:eu-west-1:123456789012:stateMachine:orders --flow orders",
    "sluice adopt arn:aws:states:eu-west-1:123456789012:stateMachine:orders --flow orders --apply",
  )
    .requiredOption("--flow <flowId>", "id of the flow, which is created if it does not exist")
    .option("--name <name>", "name of the flow")
    .option(
      "--alias <name...>",
      "alias of the state machine to move to a new version with gates; releasing moves it back",
    )
    .option("--dry-run", "only report; this is the default")
    .option("--apply", "attach the flow: write the gates into the state machine")
    .option("--force", "attach even if the state machine's role seems to lack permissions")
    .addOption(whenUnreachableOption())
    .action(
      perform<AdoptOptions, [string]>(async ({ api, terminal }, options, stateMachineArn) => {
        const {
          flow: flowId,
          name,
          alias: aliases,
          apply,
          dryRun,
          force,
          whenUnreachable: unreachable,
        } = options;
        if (apply === true && dryRun === true)
          throw usage("--apply and --dry-run exclude each other. Give one of them.");
        const answer: Attached = await api().attachFlow({
          flowId,
          body: {
            ...{ stateMachineArn, name, aliases, force, whenUnreachable: unreachable },
            dryRun: apply !== true,
          },
        });
        terminal.result(answer, () => attachReportText(answer, terminal.paint, apply === true));
        const { unsupported, missingGrants } = answer.report;
        const isPossible = unsupported.length === 0 && (missingGrants.length === 0 || force === true);
        return isPossible ? EXIT.ok : EXIT.conflict;
      }),
    );
  withIfMatch(
    leaf(
      program,
      "release <flowId>",
      "Detach a flow: restore the original definition of its state machine, and keep the runs",
      "sluice release orders",
    ),
  ).action(
    perform<IfMatchOptions, [string]>(async ({ api, terminal }, options, flowId) => {
      const flow = await api().detachFlow({ flowId, ifMatch: condition(options) });
      terminal.result(flow, () => flowText(flow, terminal.paint));
      return 0;
    }),
  );
};
