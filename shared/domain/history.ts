import type { HistoryEvent } from "../outbound/executions.ts";

/** One visit to a state as the execution's history tells it. */
export interface HistoryVisit {
  /** The state's type, e.g. `Task`. */
  readonly type: string;
  readonly state: string;
  /** Iterations of the Maps around it, outermost first: `Each[17]`. A Parallel's branches are told apart by their states' names. */
  readonly iterations: readonly string[];
  /** Epoch milliseconds. */
  readonly entered: number;
  readonly input?: string;
  readonly exited?: number;
  readonly output?: string;
  /** Its error, caught or not. */
  readonly failed?: { readonly at: number; readonly error: string; readonly cause: string };
}

interface Open {
  visit: HistoryVisit;
  exited: boolean;
}

const FAILURE = /(Failed|TimedOut|Aborted)$/;
/** Failures of a whole execution or iteration are not the visit's own. */
const NOT_OF_A_STATE = /^(Execution|MapIteration|MapRun)/;

const mapName = (iteration: string): string => iteration.slice(0, iteration.lastIndexOf("["));

/**
 * Reads the visits out of a history, in order of entry. Events point back along their own branch, so each one's visit and
 * iterations follow from the event before it.
 */
export const readVisits = async (events: AsyncIterable<HistoryEvent>): Promise<HistoryVisit[]> => {
  const opened: Open[] = [];
  const owner = new Map<number, Open>();
  const iterations = new Map<number, readonly string[]>();
  const key = (state: string, within: readonly string[]) => JSON.stringify([state, within]);
  const latest = new Map<string, Open>();
  const failures = new Map<number, HistoryVisit["failed"]>();

  for await (const event of events) {
    const inherited = iterations.get(event.previousId) ?? [];
    iterations.set(event.id, scopeOf(event, inherited));
    const here = iterations.get(event.id) ?? [];
    const before = owner.get(event.previousId);
    if (event.type.endsWith("StateEntered") && event.name !== undefined) {
      const open: Open = {
        visit: {
          type: event.type.slice(0, -"StateEntered".length),
          state: event.name,
          iterations: here,
          entered: event.time,
          ...(event.input === undefined ? {} : { input: event.input }),
        },
        exited: false,
      };
      opened.push(open);
      owner.set(event.id, open);
      latest.set(key(event.name, here), open);
    } else if (event.type.endsWith("StateExited") && event.name !== undefined) {
      const open = latest.get(key(event.name, here));
      if (open === undefined) continue;
      const failed = failures.get(event.previousId);
      open.exited = true;
      const { failed: _earlierTry, ...visit } = open.visit;
      open.visit = {
        ...visit,
        exited: event.time,
        ...(event.output === undefined ? {} : { output: event.output }),
        ...(failed === undefined ? {} : { failed }),
      };
      owner.set(event.id, open);
    } else {
      if (before !== undefined) owner.set(event.id, before);
      if (!FAILURE.test(event.type) || NOT_OF_A_STATE.test(event.type)) continue;
      const failed = { at: event.time, error: event.error ?? "", cause: event.cause ?? "" };
      failures.set(event.id, failed);
      // A retry may follow: the latest failure counts, and an exit without one clears it.
      if (before !== undefined && !before.exited) before.visit = { ...before.visit, failed };
    }
  }
  return opened.map(({ visit }) => visit);
};

/** Which iterations an event lies in, from those of the event before it. */
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
