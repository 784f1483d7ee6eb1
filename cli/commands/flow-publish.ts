import { type Command, Option } from "commander";
import type { JsonObject } from "../../shared/model/json/json.ts";
import { readJson } from "../terminal/read-json.ts";
import { visible } from "../terminal/style.ts";
import { leaf, type Outcome, perform } from "./command.ts";

interface PublishOptions {
  readonly draft?: boolean;
  readonly runAs?: "user" | "system";
  readonly name?: string;
  readonly description?: string;
}

export const addPublish = (flows: Command, outcome: Outcome): void => {
  leaf(
    flows,
    "publish <flowId> <file>",
    "Publish a version of a flow from its Amazon States Language file; - reads stdin",
    "sluice flows publish order-approval order-approval.asl.json",
    "sluice flows publish order-approval order-approval.asl.json --draft --name 'Order approval'",
  )
    .option("--draft", "publish without activating; new runs keep using the active version")
    .addOption(
      new Option("--run-as <who>", "whose permissions the steps are checked against").choices([
        "user",
        "system",
      ]),
    )
    .option("--name <name>", "name of the flow")
    .option("--description <text>", "description of the flow")
    .action(
      perform<PublishOptions, [string, string]>(outcome, async ({ api, terminal }, options, flowId, file) => {
        const { draft, runAs, name, description } = options;
        // The service rejects a definition that is not an object.
        const definition = (await readJson(file)) as JsonObject;
        const body = { definition, runAs, name, description, activate: draft !== true };
        const published = await api().publishFlow({ flowId, body });
        const { flow, version, warnings } = published;
        for (const warning of warnings) terminal.say(`warning: ${visible(warning)}`);
        terminal.result(published, () =>
          flow.version === version
            ? `Published version ${version} of flow ${flowId}. It is active.`
            : `Published version ${version} of flow ${flowId} as a draft. To activate it: sluice flows activate ${flowId} ${version}`,
        );
        return 0;
      }),
    );
};
