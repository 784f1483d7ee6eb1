import type { Client } from "../../shared/client/operations.ts";
import { EXIT, type ExitCode } from "../failure.ts";
import { table } from "../terminal/table.ts";
import type { Terminal } from "../terminal/terminal.ts";
import { checkOffline, checkWithService, publishAll } from "./check-flows.ts";
import { readFlowFiles } from "./flow-files.ts";
import { exitCodeOf, type FlowResult } from "./flow-result.ts";
import { reportResults } from "./report.ts";

interface Surroundings {
  readonly env: NodeJS.ProcessEnv;
  readonly terminal: Terminal;
}
interface FlowsRequest {
  /** Files, and folders of them. */
  readonly paths: readonly string[];
  readonly set: Readonly<Record<string, string>>;
  readonly junit: string | undefined;
}
interface CheckRequest extends FlowsRequest {
  readonly allow: readonly string[];
  /** The service to ask as well, if given. */
  readonly api: Client | undefined;
}
interface DeployRequest extends FlowsRequest {
  readonly activate: boolean;
  readonly dryRun: boolean;
  readonly api: Client;
}

const isFine = ({ errors }: FlowResult): boolean => errors.length === 0;

/** `sluice flows check`. Asks the service only about flows that compile. */
export const check = async (
  { env, terminal }: Surroundings,
  { paths, set, junit, allow, api }: CheckRequest,
): Promise<ExitCode> => {
  const flows = await readFlowFiles(paths, set);
  const offline = checkOffline(flows, allow);
  const compiled = flows.filter((_, index) => offline[index] !== undefined && isFine(offline[index]));
  const asked = api === undefined ? [] : await checkWithService(api, compiled, true);
  const results = offline.map((result) => asked.find(({ flowId }) => flowId === result.flowId) ?? result);
  reportResults(terminal, env, results, { suite: "sluice flows check", junit });
  terminal.result({ flows: results.map(shown) }, () => `${planOf(results, terminal)}${summary(results)}`);
  return exitCodeOf(results);
};

/**
 * `sluice flows deploy`. The plan is a dry run of each flow, so it needs only the permission to publish, and finds refusals before anything
 * is written. If the process dies, the next deployment publishes the rest, because a definition that is already the newest version is
 * not published again.
 */
export const deploy = async (
  { env, terminal }: Surroundings,
  { paths, set, junit, activate, dryRun, api }: DeployRequest,
): Promise<ExitCode> => {
  const flows = await readFlowFiles(paths, set);
  const plan = await checkWithService(api, flows, activate);
  if (!terminal.json) terminal.line(plan, () => planOf(plan, terminal).trimEnd());
  const isRefused = !plan.every(isFine);
  const toPublish = flows.filter((_, index) => plan[index]?.change !== "none");
  const published = isRefused || dryRun ? [] : await publishAll(api, toPublish, activate);
  const results = plan.map((planned) => {
    const done = published.find(({ flowId }) => flowId === planned.flowId);
    return done === undefined || planned.change === undefined ? planned : { ...done, change: planned.change };
  });
  reportResults(terminal, env, results, { suite: "sluice flows deploy", junit });
  terminal.result({ published: published.filter(isFine).length, flows: results.map(shown) }, () =>
    isRefused
      ? `Nothing was published. ${summary(results)}`
      : dryRun
        ? "Nothing was published: this is a dry run."
        : `Published ${published.filter(isFine).length} of ${flows.length} flows.`,
  );
  return exitCodeOf(results);
};

const shown = ({ exitCode, ...result }: FlowResult): object => ({ ...result, ok: exitCode === EXIT.ok });

const CHANGES: Readonly<Record<NonNullable<FlowResult["change"]>, (version: number) => string>> = {
  flow: (version) => `new flow, version ${version}`,
  version: (version) => `new version ${version}`,
  activation: (version) => `activate version ${version}`,
  none: (version) => `unchanged, version ${version}`,
};

const changeText = ({ change, version = 0, errors }: FlowResult): string =>
  errors.length > 0 ? "refused" : change === undefined ? "compiles" : CHANGES[change](version);

const planOf = (results: readonly FlowResult[], { columns }: Terminal): string =>
  `${table(
    results,
    [
      { title: "flow", cell: ({ flowId }) => flowId },
      { title: "file", cell: ({ file }) => file },
      { title: "change", cell: changeText },
    ],
    columns,
  )}\n`;

const summary = (results: readonly FlowResult[]): string => {
  const refused = results.filter((result) => !isFine(result)).length;
  const count = `${results.length} ${results.length === 1 ? "flow" : "flows"}`;
  return refused === 0 ? `${count}, no errors.` : `${count}, ${refused} with errors.`;
};
