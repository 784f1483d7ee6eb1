import type { Command } from "commander";
import { allowListProblem } from "../../../shared/model/allow-sets.ts";
import { usage } from "../../failure.ts";
import { setOption } from "../../options/set-option.ts";
import { leaf, perform } from "../command.ts";

interface CheckOptions {
  readonly set?: Readonly<Record<string, string>>;
  readonly allow: string;
  readonly dryRun?: boolean;
  readonly junit?: string;
}

export const addFlowCheck = (flows: Command): void => {
  leaf(
    flows,
    "check <path...>",
    "Check flows for everything that publishing refuses, in files and in the <flowId>.asl.* files of folders. Needs no service and no credentials, except with --dry-run",
    "sluice flows check flows",
    "sluice flows check flows/order-approval.asl.yaml --allow sqs,sns --junit flows.xml",
    "sluice flows check flows --dry-run --url https://api.example.com --workspace sales",
  )
    .addOption(setOption(", in addition to <flowId>.substitutions.json"))
    .option(
      "--allow <list>",
      "the deployment's allowedResources, separated by commas; by default, everything is allowed",
      "*",
    )
    .option("--dry-run", "also ask the service, and show what publishing would change")
    .option("--junit <file>", "write a JUnit report")
    .action(
      perform<CheckOptions, [readonly string[]]>(async ({ api, env, terminal }, options, paths) => {
        const { set = {}, dryRun, junit } = options;
        const allow = options.allow.split(",").filter((entry) => entry !== "");
        const problem = allowListProblem(allow);
        if (problem !== undefined) throw usage(`--allow: ${problem}`);
        const pipeline = await import("../../pipeline/commands.ts");
        return pipeline.check(
          { env, terminal },
          { paths, set, allow, junit, api: dryRun === true ? api() : undefined },
        );
      }),
    );
};
