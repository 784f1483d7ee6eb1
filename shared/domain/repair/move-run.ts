import { isInNative } from "../../model/machines/machine-names.ts";
import { iso } from "../../model/time/clock.ts";
import type { Moved, RunItem } from "../../store/runs/run-item.ts";
import type { Patch } from "../../store/runs/status-change.ts";
import type { ResumeRunDependencies } from "../deps.ts";
import { payloadText } from "../dispatch/dispatch-run.ts";
import { executionAwaited } from "../refusals.ts";
import { standsOnError } from "../runs/status-change.ts";
import { settleSteps } from "../steps/settle-steps.ts";
import { makeArrival } from "./arrival-machine.ts";
import type { MoveRequest } from "./move-request.ts";
import { type Stand, standOf } from "./stand.ts";
import { findTarget, type Target } from "./target.ts";

/** Additions of a move to the write of a resume. */
export interface Move {
  readonly set: NonNullable<Patch["set"]>;
  readonly moved: Moved;
  /** The run as it will be, for the permissions of the steps ahead. */
  readonly from: Pick<RunItem, "version" | "runAs"> & { readonly state: string };
}

/**
 * Prepares a run to continue elsewhere in a fresh execution: (1) stores the ends of its steps, which the next gate would otherwise take
 * from its own input; (2) makes the arrival machine, or checks that of an attached flow; (3) stores state, input and variables under an id of this request, so that rivals
 * do not overwrite each other. The write of the resume then names that id: if the process dies before, nothing has changed. Throws
 * `step_in_progress`, `execution_awaited`, `resume_not_possible`.
 */
export const planMove = async (
  deps: ResumeRunDependencies,
  run: RunItem,
  asked: MoveRequest,
  now: number,
): Promise<Move> => {
  refuseAwaited(run, asked);
  const stand = await standOf(deps, run);
  const target = await findTarget(deps, run, stand, asked);
  const failed = standsOnError(run);
  const attempt = failed ? run.attempt : run.attempt + 1;
  if (!failed) await settleSteps(deps, run, { attempt: run.attempt });
  const data = entryData(stand, asked);
  const texts = [data.input, ...data.variables.values()];
  const moves = await makeArrival(deps, run, { attempt, version: target.version, texts });
  const entry = deps.ids.unique();
  await keepEntry(deps, run, { entry, stand, target, data, now });
  const { version, runAs } = target;
  return {
    set: {
      ...{ attempt, entry, version, runAs },
      ...(failed ? {} : { continuedFrom: run.attempt, toStop: stopOf(deps, run, now) }),
      ...(version === run.version ? {} : { dispatchedVersion: run.dispatchedVersion ?? run.version }),
      ...moves,
    },
    moved: { from: stand.state, at: target.at, version },
    from: { version, runAs, state: target.at },
  };
};

/** Throws `execution_awaited` for a run that is in an execution of others. One that an error paused has left it. */
export const refuseAwaited = (run: RunItem, { detach }: MoveRequest): void => {
  if (isInNative(run) && detach !== true) throw executionAwaited();
};

interface Entry {
  readonly entry: string;
  readonly stand: Stand;
  readonly target: Target;
  readonly data: EntryData;
  readonly now: number;
}

/** JSON text, and JSON texts by name. */
interface EntryData {
  readonly input: string;
  readonly output: string | undefined;
  readonly variables: ReadonlyMap<string, string>;
}

/** Returns the data with which a run continues. Throws `payload_too_large`. */
export const entryData = (stand: Stand, asked: MoveRequest): EntryData => {
  const given = Object.entries(asked.variables ?? {}).map(
    ([name, value]) => [name, JSON.stringify(value)] as const,
  );
  const output = asked.output === undefined ? undefined : payloadText(asked.output);
  const input = asked.input === undefined ? (output ?? stand.input) : payloadText(asked.input);
  return { input, output, variables: new Map([...stand.variables, ...given]) };
};

const keepEntry = async (
  deps: ResumeRunDependencies,
  run: RunItem,
  { entry, stand, target, data: { input, output, variables }, now }: Entry,
): Promise<void> => {
  for (const [name, value] of variables) await deps.continuations.putVariable(run, entry, name, value);
  const skipped =
    output === undefined || target.skipped === undefined
      ? undefined
      : { name: stand.state, type: target.skipped, input: stand.input, output, at: iso(now) };
  await deps.continuations.put(run, entry, {
    ...{ state: target.at, input },
    ...(skipped === undefined ? {} : { skipped }),
  });
};

/** When the sweeper stops the old execution, if this process dies before it does. */
const FIRST_STOP_MS = 60_000;

const stopOf = (deps: ResumeRunDependencies, run: RunItem, now: number): NonNullable<RunItem["toStop"]> => ({
  id: deps.ids.unique(),
  attempts: [...(run.toStop?.attempts ?? []), run.attempt],
  due: iso(now + FIRST_STOP_MS),
});
