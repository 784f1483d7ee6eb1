import { createContext, use } from "react";
import type { Step } from "../../../shared/model/schemas/run.ts";

/** How a state stands in a run: as its newest visit does, and how many there were. */
export interface StateMark {
  readonly status: Step["status"] | "parked";
  readonly visits: number;
}

interface Looks {
  readonly marks: ReadonlyMap<string, StateMark>;
  readonly selected: string | undefined;
  /** Whether a click on a state means something. */
  readonly isChoosing: boolean;
}

const context = createContext<Looks>({ marks: new Map(), selected: undefined, isChoosing: false });
export const StateLooks = context;
export const useStateLooks = (): Looks => use(context);

/** What matters most of several visits that stand side by side, as in a Map. */
const WEIGHT: Readonly<Record<Step["status"], number>> = {
  failed: 4,
  running: 3,
  waiting: 2,
  cancelled: 1,
  completed: 0,
};

/** Of a state that was left and entered again the last visits count: those still open, or the newest. */
export const marksOf = (
  steps: readonly Step[],
  parkedAt: string | undefined,
): ReadonlyMap<string, StateMark> => {
  const marks = new Map<string, StateMark>();
  for (const step of steps) {
    const before = marks.get(step.name);
    const beside = before !== undefined && step.branch !== undefined && before.status !== "parked";
    const status = beside && WEIGHT[before.status] > WEIGHT[step.status] ? before.status : step.status;
    marks.set(step.name, { status, visits: (before?.visits ?? 0) + 1 });
  }
  if (parkedAt !== undefined)
    marks.set(parkedAt, { status: "parked", visits: marks.get(parkedAt)?.visits ?? 0 });
  return marks;
};
