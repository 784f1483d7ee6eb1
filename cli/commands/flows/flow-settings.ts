import { type Command, Option } from "commander";
import { ON_FAILURE, type OnFailure } from "../../../shared/model/holds/kinds.ts";
import { leaf } from "../command.ts";
import { changing } from "../shared-commands.ts";

/** The option for what steps do while the state machine cannot call Sluice. */
export const whenUnreachableOption = (): Option =>
  new Option(
    "--when-unreachable <action>",
    "what a step does while the state machine cannot call Sluice",
  ).choices(["pass", "fail"]);

/** The option for what happens to a run whose step fails. */
export const onFailureOption = (): Option =>
  new Option(
    "--on-failure <what>",
    "what happens to a run whose step fails for good: fail (the default), or pause, so that the step can be tried again",
  ).choices(ON_FAILURE);

interface SettingsOptions {
  readonly onFailure?: OnFailure;
  readonly whenUnreachable?: "pass" | "fail";
}

export const addFlowSettings = (flows: Command): void => {
  changing<SettingsOptions>(
    leaf(
      flows,
      "settings <flowId>",
      "Change the settings of a flow; without options, show them",
      "sluice flows settings order-approval --on-failure pause",
      "sluice flows settings orders --when-unreachable fail",
    )
      .addOption(onFailureOption())
      .addOption(whenUnreachableOption()),
    ["onFailure", "whenUnreachable"],
    (api, request) => api.putFlowSettings(request),
  );
};
