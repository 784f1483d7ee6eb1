import { TASK_ERRORS } from "../../model/machines/task-events.ts";
import type { HistoryEvent } from "../../outbound/ports.ts";

/** One visit of a state in the execution's history. */
export interface HistoryVisit {
  /** The state's type, e.g. `Task`. */
  readonly type: string;
  readonly state: string;
  /**
   * Iterations of the Maps around it, outermost first: `Each[17]`. Branches of a Parallel are distinguished by their states'
   * names.
   */
  readonly iterations: readonly string[];
  /** Epoch milliseconds. */
  readonly entered: number;
  readonly input?: string;
  /** The newest attempt of a Distributed Map. */
  readonly mapRunArn?: string;
  /** It lies in a Parallel or Map. */
  readonly nested?: true;
  readonly exited?: number;
  readonly output?: string;
  /** The variables that it assigned, as JSON texts by name. */
  readonly assigned?: Readonly<Record<string, string>>;
  /** Its error, caught or not. */
  readonly failed?: {
    readonly at: number;
    readonly error: string;
    readonly cause: string;
    /** It ended what is around the visit. Otherwise, a retry may have been due. */
    readonly uncaught?: true;
  };
  /** When the Parallel or Map around it failed, before this visit had ended. Epoch milliseconds. */
  readonly stopped?: number;
}

interface Open {
  visit: HistoryVisit;
  exited: boolean;
  /** The visit of the Parallel or Map around it. */
  readonly around: Open | undefined;
}

/** `…StateAborted` events are also written for siblings, without a name. */
const FAILURE = /(Failed|TimedOut)$/;
/** A Parallel or Map fails with the failure inside it. These events have no error of their own. */
const WHOLE_FAILED = /^(Parallel|Map)StateFailed$/;
const BRANCH_BEGINS = /^(ParallelStateStarted|MapIterationStarted)$/;
/** What ends with an uncaught failure inside it. */
const WHOLE_ENDED = /^((Parallel|Map)State|MapIteration|Execution)Failed$/;
/** Failures of a whole execution or iteration are not the visit's own. */
const NOT_OF_A_STATE = /^(Execution|MapIteration|MapRun)/;

const mapName = (iteration: string): string => iteration.slice(0, iteration.lastIndexOf("["));

/**
 * Reads the visits of a history, in order of entry. Events refer back along their own branch, so each event's visit and
 * iterations follow from the previous event.
 */
export const readVisits = async (events: AsyncIterable<HistoryEvent>): Promise<HistoryVisit[]> => {
  const opened: Open[] = [];
  const owner = new Map<number, Open>();
  const iterations = new Map<number, readonly string[]>();
  const key = (state: string, within: readonly string[]) => JSON.stringify([state, within]);
  const latest = new Map<string, Open>();
  const failures = new Map<number, HistoryVisit["failed"]>();
  const branchBegins = new Set<number>();

  for await (const event of events) {
    const inherited = iterations.get(event.previousId) ?? [];
    iterations.set(event.id, scopeOf(event, inherited));
    const here = iterations.get(event.id) ?? [];
    const before = owner.get(event.previousId);
    if (WHOLE_ENDED.test(event.type) && before?.visit.failed !== undefined && !before.exited)
      before.visit = { ...before.visit, failed: { ...before.visit.failed, uncaught: true } };
    if (event.type.endsWith("StateEntered") && event.name !== undefined) {
      const around = branchBegins.has(event.previousId) ? before : before?.around;
      const open: Open = {
        visit: {
          type: event.type.slice(0, -"StateEntered".length),
          state: event.name,
          iterations: here,
          entered: event.time,
          ...(event.input === undefined ? {} : { input: event.input }),
          ...(around === undefined ? {} : { nested: true }),
        },
        exited: false,
        around,
      };
      opened.push(open);
      owner.set(event.id, open);
      latest.set(key(event.name, here), open);
    } else if (event.type.endsWith("StateExited") && event.name !== undefined) {
      const open = latest.get(key(event.name, here));
      if (open === undefined) continue;
      const failed = failures.get(event.previousId);
      open.exited = true;
      const visit = withoutFailure(open.visit);
      open.visit = {
        ...visit,
        exited: event.time,
        ...(event.output === undefined ? {} : { output: event.output }),
        ...(event.assigned === undefined ? {} : { assigned: event.assigned }),
        ...(failed === undefined ? {} : { failed }),
      };
      owner.set(event.id, open);
    } else if (WHOLE_FAILED.test(event.type)) {
      const whole = wholeThatFailed(event, before);
      const failed = { error: "", cause: "", ...failures.get(event.previousId), at: event.time };
      failures.set(event.id, failed);
      if (whole === undefined) continue;
      owner.set(event.id, whole);
      iterations.set(event.id, whole.visit.iterations);
      whole.visit = { ...whole.visit, failed };
      stopWithin(whole, opened, event.time);
    } else {
      const here = event.type === "MapIterationStarted" ? mapOf(event, before) : before;
      if (here !== undefined) owner.set(event.id, here);
      if (BRANCH_BEGINS.test(event.type)) branchBegins.add(event.id);
      if (event.mapRunArn !== undefined && here !== undefined)
        here.visit = { ...here.visit, mapRunArn: event.mapRunArn };
      if (here !== undefined && /^(Parallel|Map)StateStarted$/.test(event.type))
        here.visit = withoutFailure(here.visit);
      if (NOT_OF_A_STATE.test(event.type)) failures.set(event.id, failures.get(event.previousId));
      if (!FAILURE.test(event.type) || NOT_OF_A_STATE.test(event.type)) continue;
      const failed = ownFailure(event, here);
      failures.set(event.id, failed);
      // A retry may follow: the latest failure counts, and an exit without a failure clears it.
      if (here !== undefined && !here.exited) here.visit = { ...here.visit, failed };
    }
  }
  return opened.map(({ visit }) => visit);
};

/** The failure of an attempt. If an inline gate paused a later attempt, the step's failure is that of the previous attempt. */
const ownFailure = (event: HistoryEvent, here: Open | undefined): NonNullable<HistoryVisit["failed"]> => {
  const earlier = event.error === TASK_ERRORS.paused ? here?.visit.failed : undefined;
  return earlier ?? { at: event.time, error: event.error ?? "", cause: event.cause ?? "" };
};

const withoutFailure = ({ failed: _earlierTry, ...visit }: HistoryVisit): HistoryVisit => visit;

/** Returns the Parallel or Map that failed: the visit before the event itself, or otherwise the one around it. */
const wholeThatFailed = ({ type }: HistoryEvent, before: Open | undefined): Open | undefined => {
  const itself =
    before !== undefined && type === `${before.visit.type}StateFailed` && before.visit.failed === undefined;
  return itself ? before : before?.around;
};

/** Returns the Map of an iteration, even if the iteration follows the end of another. */
const mapOf = ({ name }: HistoryEvent, before: Open | undefined): Open | undefined => {
  let open = before;
  while (open !== undefined && !(open.visit.type === "Map" && open.visit.state === name)) open = open.around;
  return open ?? before;
};

const liesIn = (whole: Open, { around }: Open): boolean =>
  around !== undefined && (around === whole || liesIn(whole, around));

const stopWithin = (whole: Open, opened: readonly Open[], at: number): void => {
  for (const open of opened) {
    if (open.exited || open.visit.stopped !== undefined || !liesIn(whole, open)) continue;
    open.visit = { ...open.visit, stopped: at };
  }
};

/** Returns the iterations around an event, from those of the event before it. */
const scopeOf = (event: HistoryEvent, inherited: readonly string[]): readonly string[] => {
  if (event.name === undefined) return inherited;
  if (event.type === "MapIterationStarted")
    return [...outOf(event.name, inherited), `${event.name}[${event.index}]`];
  if (event.type === "MapStateExited") return outOf(event.name, inherited);
  return inherited;
};

const outOf = (map: string, within: readonly string[]): readonly string[] => {
  const at = within.findIndex((iteration) => mapName(iteration) === map);
  return at === -1 ? within : within.slice(0, at);
};
