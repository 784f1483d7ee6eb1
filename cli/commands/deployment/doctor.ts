import type { Command } from "commander";
import type { Finding } from "../../doctor/finding.ts";
import { CliFailure, EXIT, usage } from "../../failure.ts";
import { listOf } from "../../options/filters.ts";
import { findingsText, stepsText } from "../../show/doctor.ts";
import { type CommandContext, leaf, perform } from "../command.ts";
import { withAws } from "./aws-connection.ts";

interface DoctorOptions {
  readonly region?: string;
  readonly instance?: string;
  readonly only?: string;
  readonly strict?: boolean;
  /** False with --no-run. */
  readonly run: boolean;
}

/** Adds the command that examines a deployment. */
export const addDoctor = (program: Command): void => {
  leaf(
    program,
    "doctor",
    "Examine a deployment with your AWS credentials: what is deployed, quotas, permissions, and a test run that is paused, resumed, replayed and deleted. Exits with 7 if there is a problem",
    "sluice doctor --region eu-west-1",
    "sluice doctor --no-run --json",
  )
    .option("--region <region>", "AWS region; by default that of your AWS configuration")
    .option("--instance <name>", "instance of Sluice in the account", "sluice")
    .option("--only <checks>", "run only these checks, separated by commas")
    .option("--strict", "also exit with 7 if there is a warning")
    .option("--no-run", "leave out the test run")
    .action(
      perform<DoctorOptions, []>(async (context, options) => {
        const findings = await findingsOf(context, options);
        const { terminal } = context;
        terminal.result({ findings }, () => findingsText(findings, terminal.paint));
        const severe = options.strict === true ? ["problem", "warning"] : ["problem"];
        return findings.some(({ verdict }) => severe.includes(verdict)) ? EXIT.endedBadly : EXIT.ok;
      }),
    );
};

const findingsOf = (context: CommandContext, { region, instance = "sluice", ...options }: DoctorOptions) =>
  withAws(context, region, async ({ aws, isLocal, api }): Promise<Finding[]> => {
    const { CHECKS, examine } = await import("../../doctor/examine.ts");
    const { findDeployment, NoDeployment } = await import("../../doctor/deployment.ts");
    const only = options.only === undefined ? undefined : listOf(options.only, "--only");
    const unknown = only?.find((name) => !CHECKS.includes(name));
    if (unknown !== undefined)
      throw usage(`There is no check "${unknown}". The checks are ${CHECKS.join(", ")}.`);
    const deployment = await findDeployment(aws, { instance, isLocal, api }).catch((error: unknown) => {
      if (!(error instanceof NoDeployment)) throw error;
      throw new CliFailure(EXIT.notFound, { code: "not_deployed", detail: error.message }, error);
    });
    const findings: Finding[] = [];
    const examination = { run: options.run, ...(only === undefined ? {} : { only }) };
    for await (const finding of examine(deployment, examination)) findings.push(finding);
    return findings;
  });

interface PlanOptions {
  readonly region?: string;
  readonly instance?: string;
}

/** Adds the command that lists what to delete to remove Sluice. */
export const addDestroyPlan = (program: Command): void => {
  leaf(
    program,
    "destroy-plan",
    "List what to delete to remove Sluice, in order, including what is outside its stacks or remains after them. Deletes nothing",
    "sluice destroy-plan --region eu-west-1",
    "sluice destroy-plan --json",
  )
    .option("--region <region>", "AWS region; by default that of your AWS configuration")
    .option("--instance <name>", "instance of Sluice in the account", "sluice")
    .action(
      perform<PlanOptions, []>(async (context, { region, instance = "sluice" }) => {
        const steps = await withAws(context, region, async ({ aws }) => {
          const { destroyPlan } = await import("../../doctor/destroy-plan.ts");
          return destroyPlan(aws, instance);
        });
        context.terminal.result({ steps }, () => stepsText(steps));
        return EXIT.ok;
      }),
    );
};
