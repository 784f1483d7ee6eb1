import { machineOf } from "../../asl/parse/graph.ts";
import type { ResumeRehearsal } from "../../model/schemas/run.ts";
import type { RunItem } from "../../store/runs/run-item.ts";
import type { RehearsalDependencies } from "../deps.ts";
import { branchesWouldRepeat, existingRun, resumeNotPossible, stepInProgress } from "../refusals.ts";
import { refuseAction } from "../runs/apply-action.ts";
import { standsOnError } from "../runs/status-change.ts";
import { type MoveRequest, startsOnLatest } from "./move-request.ts";
import { entryData, refuseAwaited } from "./move-run.ts";
import { nextCall } from "./next-call.ts";
import { accessAtResume } from "./resume-access.ts";
import type { ResumeRunRequest } from "./resume-run.ts";
import { type Stand, standOf } from "./stand.ts";
import { findTarget } from "./target.ts";

/** The place at which a run would continue. */
interface Departure {
  readonly version: number;
  readonly state: string;
  /** JSON text. */
  readonly input: string;
  /** JSON texts by name. */
  readonly variables: ReadonlyMap<string, string>;
  /** The run continues in its execution, in the middle of a Parallel or Map. */
  readonly inside?: boolean;
}

/**
 * Says what a resume would call next, and with which input, without writing anything. Refuses what the resume itself refuses, and what would
 * fail at once: a state that cannot be evaluated, or a Fail. Throws `step_in_progress` for a run that has not been seen standing yet, since
 * only a read of the run stores that.
 */
export const rehearseResume = async (
  deps: RehearsalDependencies,
  { workspace, runId, ifMatch, read, override = false, move }: ResumeRunRequest,
): Promise<{ readonly run: RunItem; readonly rehearsal: ResumeRehearsal }> => {
  const run = existingRun(await (read ?? (() => deps.runs.get(workspace, runId)))());
  refuseAction(run, "resume", ifMatch);
  const departure = await departureOf(deps, run, move);
  const { version, state } = departure;
  const elsewhere = move === undefined ? undefined : { version, runAs: run.runAs, state };
  await accessAtResume(deps, run, override, elsewhere);
  const machine = machineOf(await deps.versions.text(run, version, "user"));
  if (machine === undefined) throw resumeNotPossible(`The flow has no version ${version}.`);
  if (departure.inside === true) {
    const unknown = `The run stands inside "${state}", whose branches or iterations continue where they are.`;
    return { run, rehearsal: { version, passes: [], unknown } };
  }
  return { run, rehearsal: { version, ...(await nextCall(deps, { run, machine }, departure)) } };
};

const departureOf = async (
  deps: RehearsalDependencies,
  run: RunItem,
  move: MoveRequest | undefined,
): Promise<Departure> => {
  if (run.startedAt === undefined && (move === undefined || startsOnLatest(run, move)))
    return fromStart(deps, run);
  if (move !== undefined) refuseAwaited(run, move);
  if (run.parkedAt === undefined) throw stepInProgress();
  const stand = await standOf(deps, run);
  if (move === undefined) return inPlace(run, stand);
  const { version, at } = await findTarget(deps, run, stand, move);
  const { input, variables } = entryData(stand, move);
  return { version, state: at, input, variables };
};

const inPlace = (run: RunItem, stand: Stand): Departure => {
  const { state, input, variables, branches } = stand;
  if (branches && standsOnError(run)) throw branchesWouldRepeat(state);
  return { version: run.version, state, input, variables, ...(branches ? { inside: true } : {}) };
};

/** A run that has not begun: the version on which it will begin, and its payload. */
const fromStart = async (deps: RehearsalDependencies, run: RunItem): Promise<Departure> => {
  const follows = run.queuedAt !== undefined && run.dispatchedVersion !== undefined;
  const { version } = (follows ? await deps.runs.activeVersion(run) : undefined) ?? run;
  const machine = machineOf(await deps.versions.text(run, version, "user"));
  const input = (await deps.runs.payload(run.workspace, run.runId)) ?? "{}";
  return { version, state: run.startState ?? machine?.top.startAt ?? "", input, variables: new Map() };
};
