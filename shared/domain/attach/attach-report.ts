import type { Compilation } from "../../asl/compile.ts";
import { statesWithGates } from "../../asl/states-with-gates.ts";
import type { AttachReport } from "../../model/errors.ts";
import type { JsonObject } from "../../model/json/json.ts";
import type { KeyDenied } from "../../outbound/ports.ts";
import type { AttachDependencies } from "../deps.ts";

/** The machine, its definition without gates, and the compiler's result. */
interface Findings {
  readonly machineArn: string;
  readonly roleArn: string;
  readonly definition: JsonObject;
  readonly compilation: Compilation;
  /** ARNs of the functions that its gates call. */
  readonly functions: readonly string[];
}

const MAX_VERSIONS = 100;

/** Returns the report of an attachment. It only reads. */
export const attachReport = async (
  deps: AttachDependencies,
  { machineArn, roleArn, definition, compilation, functions }: Findings,
): Promise<AttachReport> => {
  const [missing, versions, aliases, transitionsPerRun] = await Promise.all([
    missingGrants(deps, roleArn, functions),
    deps.teamMachines.versions(machineArn, MAX_VERSIONS),
    deps.teamMachines.aliases(machineArn, MAX_VERSIONS),
    transitions(deps, machineArn, definition),
  ]);
  const fixed =
    versions.length === 0
      ? []
      : [
          "The state machine has published versions, whose definitions do not change. An execution that is started on a version without gates, or on an alias of one, is not a run. Name the aliases that your callers use in `aliases`: attaching moves them to a version with gates.",
        ];
  return {
    unsupported: compilation.ok ? [] : compilation.errors,
    warnings: [...(compilation.ok ? compilation.warnings : []), ...fixed],
    missingGrants: missing,
    transitionsPerRun,
    versions,
    aliases,
  };
};

type MissingGrants = AttachReport["missingGrants"];

/** Returns the functions that the machine's role may not call. */
export const missingGrants = async (
  deps: Pick<AttachDependencies, "machineRoles">,
  roleArn: string,
  functions: readonly string[],
): Promise<MissingGrants> =>
  (await deps.machineRoles.notCallable(roleArn, functions)).map((resource) => ({
    action: "lambda:InvokeFunction",
    resource,
  }));

/** Returns a report that contains only missing permissions. */
export const grantsReport = (missing: MissingGrants): AttachReport => ({
  ...{ unsupported: [], warnings: [], versions: [], aliases: [], missingGrants: missing },
  transitionsPerRun: { before: 0, after: 0 },
});

/** Returns the report on a machine whose definition Sluice may not read or write. */
export const encryptedReport = ({ action, keyArn }: KeyDenied): AttachReport =>
  grantsReport([{ action, resource: keyArn }]);

const EXECUTIONS = 3;
/** Maximum number of events that are read of one execution. */
const MAX_EVENTS = 5_000;

/**
 * Counts the states that the newest executions entered, and the gates that they would have passed. Without executions, each state is
 * counted once. The end of a run has a gate, too.
 */
const transitions = async (
  deps: AttachDependencies,
  machineArn: string,
  definition: JsonObject,
): Promise<AttachReport["transitionsPerRun"]> => {
  const { all, gated } = statesWithGates(definition);
  const own = new Set(all);
  const visits: string[][] = [];
  for (const arn of await deps.teamMachines.recentExecutions(machineArn, EXECUTIONS))
    visits.push(await visitedStates(deps, arn, own));
  const counted = visits.filter(({ length }) => length > 0);
  const samples = counted.length === 0 ? [[...all]] : counted;
  const before = average(samples.map(({ length }) => length));
  const gates = average(samples.map((names) => names.filter((name) => gated.has(name)).length + 1));
  return { before, after: Math.round((before + gates) * 10) / 10 };
};

const average = (numbers: readonly number[]): number =>
  Math.round((numbers.reduce((sum, number) => sum + number, 0) / numbers.length) * 10) / 10;

/** Returns the user's states that an execution entered. Its definition may already have contained gates, which do not count. */
const visitedStates = async (
  deps: AttachDependencies,
  executionArn: string,
  own: ReadonlySet<string>,
): Promise<string[]> => {
  const names: string[] = [];
  let events = 0;
  for await (const { type, name } of deps.executions.history(executionArn)) {
    if (type.endsWith("StateEntered") && name !== undefined && own.has(name)) names.push(name);
    events += 1;
    if (events >= MAX_EVENTS) break;
  }
  return names;
};
