import type { Command } from "commander";
import { createClient } from "../../shared/client/client.ts";
import type { SignedIn } from "../doctor/deployment.ts";
import type { Finding } from "../doctor/finding.ts";
import { CliFailure, EXIT, notSignedIn, usage } from "../failure.ts";
import { findingsText } from "../show/doctor.ts";
import { type CommandContext, leaf, perform } from "./command.ts";

interface DoctorOptions {
  readonly region?: string;
  readonly instance?: string;
  readonly only?: string;
  readonly strict?: boolean;
  /** False with --no-run. */
  readonly run: boolean;
}

const LOCAL_HOST = /^http:\/\/(localhost|127\.0\.0\.1|\[::1\])(:|$)/;

/** Adds the command that examines a deployment. */
export const addDoctor = (program: Command): void => {
  leaf(
    program,
    "doctor",
    "Examine a deployment with your AWS credentials: what is deployed, quotas, permissions, and a run of its own that is paused, resumed, replayed and deleted. Exits with 7 if there is a problem",
    "sluice doctor --region eu-west-1",
    "sluice doctor --no-run --json",
  )
    .option("--region <region>", "AWS region; by default that of your AWS configuration")
    .option("--instance <name>", "instance of Sluice in the account", "sluice")
    .option("--only <checks>", "comma-separated names of checks")
    .option("--strict", "exit with 7 for warnings too")
    .option("--no-run", "leave out the run")
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

const findingsOf = async (context: CommandContext, options: DoctorOptions): Promise<Finding[]> => {
  const [
    { awsServices, localServices, withoutCredentials },
    { findDeployment, NoDeployment },
    { CHECKS, examine },
  ] = await Promise.all([
    import("../doctor/aws.ts"),
    import("../doctor/deployment.ts"),
    import("../doctor/examine.ts"),
  ]);
  const only = options.only?.split(",");
  const unknown = only?.find((name) => !CHECKS.includes(name));
  if (unknown !== undefined)
    throw usage(`There is no check "${unknown}". The checks are ${CHECKS.join(", ")}.`);
  const api = signedIn(context);
  const url = api !== undefined && LOCAL_HOST.test(api.url) ? api.url : undefined;
  const aws = url === undefined ? awsServices(options.region) : localServices(url);
  try {
    const { instance = "sluice", run } = options;
    const deployment = await findDeployment(aws, { instance, isLocal: url !== undefined, api });
    const findings: Finding[] = [];
    for await (const finding of examine(deployment, { run, ...(only === undefined ? {} : { only }) }))
      findings.push(finding);
    return findings;
  } catch (error) {
    if (error instanceof NoDeployment)
      throw new CliFailure(EXIT.notFound, { code: "not_deployed", detail: error.message }, error);
    if (!withoutCredentials(error)) throw error;
    throw notSignedIn(
      `AWS accepts no call: ${(error as Error).message}. Set up credentials and a region as for the AWS CLI.`,
    );
  }
};

/** Without a sign-in, only AWS is looked at. */
const signedIn = ({ connection }: CommandContext): SignedIn | undefined => {
  try {
    const { url, workspace, token } = connection();
    if (workspace === undefined) return undefined;
    return { url, workspace, client: createClient({ url, workspace, token, retry: true }) };
  } catch (error) {
    if (error instanceof CliFailure && error.exitCode === EXIT.notSignedIn) return undefined;
    throw error;
  }
};
