import { type Command, Option } from "commander";
import type { Flow } from "../../shared/model/schemas/flow.ts";
import { path } from "../http/path.ts";
import { readJson } from "../terminal/read-json.ts";
import { visible } from "../terminal/style.ts";
import { leaf, type Outcome, perform } from "./leaf.ts";

interface PublishOptions {
  readonly draft?: boolean;
  readonly runAs?: "user" | "system";
  readonly name?: string;
  readonly description?: string;
}

interface Published {
  readonly flow: Flow;
  readonly version: number;
  readonly warnings: readonly string[];
}

export const addPublish = (flows: Command, outcome: Outcome): void => {
  leaf(
    flows,
    "publish <flowId> <file>",
    "Publish a version of a flow from its Amazon States Language; - reads stdin",
    "sluice flows publish order-approval order-approval.asl.json",
    "sluice flows publish order-approval order-approval.asl.json --draft --name 'Order approval'",
  )
    .option("--draft", "do not activate it: new runs go on with the version that is active")
    .addOption(new Option("--run-as <who>", "whose permissions its steps need").choices(["user", "system"]))
    .option("--name <name>", "the flow's name")
    .option("--description <text>", "what the flow is for")
    .action(
      perform<PublishOptions, [string, string]>(outcome, async ({ api, terminal }, options, flowId, file) => {
        const { draft, runAs, name, description } = options;
        const definition = await readJson(file);
        const body = { definition, runAs, name, description, activate: draft !== true };
        const published = await api().call<Published>({ method: "PUT", path: path`/flows/${flowId}`, body });
        for (const warning of published.warnings) terminal.say(`warning: ${visible(warning)}`);
        terminal.result(published, () => {
          const { flow, version } = published;
          const standing = flow.version === version ? "active" : "a draft: sluice flows activate";
          return `${flow.flowId} version ${version} is published, ${standing}.`;
        });
      }),
    );
};
