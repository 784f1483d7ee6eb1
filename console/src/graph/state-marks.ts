import { createContext, use } from "react";
import type { Step } from "../../../shared/model/schemas/run.ts";

/** A state's status in a run, by its latest visit, and the number of visits. */
export interface StateMark {
  readonly status: Step["status"] | "parked" | "passed";
  readonly visits: number;
  /** The numbers of a Map's items: `150 items`, `3 of 10 failed`. */
  readonly note?: string;
}

interface Looks {
  readonly marks: ReadonlyMap<string, StateMark>;
  readonly selected: string | undefined;
  /** The state before which the run will be paused. */
  readonly breakpoint: string | undefined;
  /** Whether states can be selected. */
  readonly isChoosing: boolean;
}

const context = createContext<Looks>({
  marks: new Map(),
  selected: undefined,
  breakpoint: undefined,
  isChoosing: false,
});
export const StateLooks = context;
export const useStateLooks = (): Looks => use(context);

/** Determines which status is shown for parallel visits, as in a Map. */
const WEIGHT: Readonly<Record<Step["status"], number>> = {
  failed: 4,
  running: 3,
  waiting: 2,
  cancelled: 1,
  completed: 0,
};

/** Marks each visited state. If a state was entered repeatedly, its open visits count, or else the newest one. */
export const marksOf = (
  steps: readonly Step[],
  parkedAt: string | undefined,
): ReadonlyMap<string, StateMark> => {
  const marks = new Map<string, StateMark>();
  for (const step of steps) {
    const before = marks.get(step.name);
    const beside = before !== undefined && step.branch !== undefined && before.status in WEIGHT;
    const status =
      beside && WEIGHT[before.status as Step["status"]] > WEIGHT[step.status] ? before.status : step.status;
    marks.set(step.name, { status, visits: (before?.visits ?? 0) + 1 });
  }
  if (parkedAt !== undefined)
    marks.set(parkedAt, { status: "parked", visits: marks.get(parkedAt)?.visits ?? 0 });
  return marks;
};
