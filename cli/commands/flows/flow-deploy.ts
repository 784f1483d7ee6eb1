import type { Command } from "commander";
import { setOption } from "../../options/set-option.ts";
import { leaf, perform } from "../command.ts";

interface DeployOptions {
  readonly set?: Readonly<Record<string, string>>;
  readonly activate?: boolean;
  readonly dryRun?: boolean;
  readonly junit?: string;
}

export const addFlowDeploy = (flows: Command): void => {
  leaf(
    flows,
    "deploy <folder>",
    "Print a plan, then publish the flows of a folder that have changed (<flowId>.asl.json, .asl.yaml or .asl.yml). If the service refuses one, none is published. Flows without a file stay as they are",
    "sluice flows deploy flows --dry-run",
    "sluice flows deploy flows --activate --junit flows.xml",
    "sluice flows deploy flows --activate --set ChargeFunction=arn:aws:lambda:eu-west-1:123456789012:function:charge",
  )
    .addOption(setOption(", in addition to <flowId>.substitutions.json"))
    .option("--activate", "activate the published versions; otherwise, they are drafts")
    .option("--dry-run", "only print the plan")
    .option("--junit <file>", "write a JUnit report")
    .action(
      perform<DeployOptions, [string]>(async ({ api, env, terminal }, options, folder) => {
        const { set = {}, activate = false, dryRun = false, junit } = options;
        const pipeline = await import("../../pipeline/commands.ts");
        return pipeline.deploy(
          { env, terminal },
          { paths: [folder], set, activate, dryRun, junit, api: api() },
        );
      }),
    );
};
