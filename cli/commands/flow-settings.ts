import { type Command, Option } from "commander";
import { condition, type IfMatchOptions, withIfMatch } from "../options/if-match.ts";
import { flowText } from "../show/flow.ts";
import { leaf } from "./command.ts";
import { calling } from "./shared-commands.ts";

/** The option with which commands set what steps do while the machine cannot call Sluice. */
export const whenUnreachableOption = (): Option =>
  new Option(
    "--when-unreachable <action>",
    "what a step does while the state machine cannot call Sluice",
  ).choices(["pass", "fail"]);

interface SettingsOptions extends IfMatchOptions {
  readonly whenUnreachable?: "pass" | "fail";
}

export const addFlowSettings = (flows: Command): void => {
  const settings = leaf(
    flows,
    "settings <flowId>",
    "Change the settings of an attached flow; without options, show them",
    "sluice flows settings orders --when-unreachable fail",
  );
  calling(
    withIfMatch(settings).addOption(whenUnreachableOption()),
    (api, [flowId], { whenUnreachable, ...options }: SettingsOptions) =>
      whenUnreachable === undefined
        ? api().getFlow({ flowId })
        : api().putFlowSettings({ flowId, body: { whenUnreachable }, ifMatch: condition(options) }),
    flowText,
  );
};
