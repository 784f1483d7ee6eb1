import type { Command } from "commander";
import type { Registered } from "../../../shared/model/api/responses.ts";
import { usage } from "../../failure.ts";
import { setOption } from "../../options/set-option.ts";
import { flowText } from "../../show/flow.ts";
import { visible } from "../../terminal/style.ts";
import { leaf, perform } from "../command.ts";
import { whenUnreachableOption } from "./flow-settings.ts";

interface RegisterOptions {
  readonly set?: Readonly<Record<string, string>>;
  readonly name?: string;
  readonly whenUnreachable?: "pass" | "fail";
  readonly machine?: string;
  readonly force?: boolean;
}

/** Adds the command with which a template registers its state machine by hand: before it is deployed, and afterwards. */
export const addRegister = (flows: Command): void => {
  leaf(
    flows,
    "register <flowId> [file]",
    "Register a state machine that your template deploys with the output of sluice compile. Before the deployment, give the file: the command prints the values of the placeholders in that output. After the deployment, give --machine: from then on, the machine's executions are runs",
    "sluice flows register orders orders.asl.json",
    "sam deploy --parameter-overrides $(sluice flows register orders orders.asl.json)",
    "sluice flows register orders orders.asl.json --json | jq .values > sluice.auto.tfvars.json",
    "sluice flows register orders --machine arn:aws:states:eu-west-1:123456789012:stateMachine:orders",
  )
    .addOption(setOption(" in the file"))
    .option("--name <name>", "name of the flow")
    .addOption(whenUnreachableOption())
    .option("--machine <stateMachineArn>", "the state machine that has been deployed")
    .option("--force", "with --machine: even if the machine's role seems to lack permissions")
    .action(
      perform<RegisterOptions, [string, string?]>(async ({ api, terminal }, options, flowId, file) => {
        const { set: substitutions, name, whenUnreachable, machine, force } = options;
        if ((file === undefined) === (machine === undefined))
          throw usage(
            "Give the file of the definition before the deployment, or --machine with the ARN of the state machine after it.",
          );
        if (machine !== undefined) {
          const flow = await api().bindFlow({ flowId, body: { stateMachineArn: machine, force } });
          terminal.result(flow, () => flowText(flow, terminal.paint));
          return 0;
        }
        const { readText } = await import("../../terminal/read-json.ts");
        const definition = await readText(file ?? "-");
        const registered: Registered = await api().registerFlow({
          flowId,
          body: { definition, substitutions: { ...substitutions }, name, whenUnreachable },
        });
        for (const warning of registered.warnings) terminal.say(`warning: ${visible(warning)}`);
        terminal.say(
          `Registered version ${registered.version} of flow ${flowId}. Deploy it with these values.`,
        );
        terminal.result(registered, () =>
          Object.entries(registered.values)
            .map(([key, value]) => `${key}=${value}`)
            .join("\n"),
        );
        return 0;
      }),
    );
};
