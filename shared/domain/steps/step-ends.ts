import { cutText } from "../../model/json/text.ts";
import { isTerminal } from "../../model/transitions.ts";
import type { OutputItem } from "../../store/runs/run-contents.ts";
import type { RunItem } from "../../store/runs/run-item.ts";
import type { StepItem } from "../../store/runs/step-item.ts";
import { SHORT_CAUSE, wholeCause } from "./failure.ts";

export type StepEnd = NonNullable<StepItem["end"]>;

/** DynamoDB's limit is 409,600 bytes per item; keys and index attributes need some of them. */
const MAX_STEP_BYTES = 400_000;
const bytesOf = (value: unknown): number => Buffer.byteLength(JSON.stringify(value));

/**
 * Returns as much of a step's end as fits into its item. The execution's history has all of it. Sizes are those of JSON, the
 * larger of both forms.
 */
export const endThatFits = (step: StepItem, end: StepEnd): StepEnd => {
  const room = MAX_STEP_BYTES - bytesOf(step);
  if (bytesOf(end) <= room) return end;
  const { output, error, ...rest } = end;
  return {
    ...rest,
    ...(output === undefined ? {} : { outputSize: Buffer.byteLength(output) }),
    ...(error === undefined ? {} : { error: { ...error, cause: cutText(error.cause, SHORT_CAUSE) } }),
  };
};

/**
 * A step's end as far as the stored steps show it. It is not written when the next step begins, since that would require a
 * second write for every step. `ask`: only the execution's history shows it; `live`: the step has not ended.
 */
export type Derived = StepEnd | Told | "ask" | "live";

/** The step is known to have completed, but only the execution's history has its output. */
export interface Told {
  readonly told: StepEnd;
}
export const isTold = (derived: Derived | undefined): derived is Told =>
  typeof derived === "object" && "told" in derived;
const completedAt = (at: string): Told => ({ told: { at, status: "completed" } });

/** Returns the step of the Parallel or Map around a step. `steps` must be in order of time. */
export const containerOf = (step: StepItem, steps: readonly StepItem[]): StepItem | undefined =>
  steps.findLast(({ name, path, entered }) => {
    const within = path === "" ? name : `${path}/${name}`;
    return (
      entered <= step.entered &&
      step.path.startsWith(within) &&
      /^\[\d+\]$/.test(step.path.slice(within.length))
    );
  });

/** Derives the ends of steps. `steps` are in order of time; `output` is the output item of a run that has ended. */
export const deriveEnds = (
  run: RunItem,
  steps: readonly StepItem[],
  output: OutputItem | undefined,
): Map<string, Derived> => {
  const next = new Map<string, StepItem>();
  const ends = new Map<string, Derived>();
  const lasts: StepItem[] = [];
  for (const step of [...steps].reverse()) {
    const derived = step.end ?? derive(run, step, next.get(step.path), output);
    ends.set(step.stepId, derived);
    if (derived === "ask" && step.last === true && !next.has(step.path)) lasts.push(step);
    next.set(step.path, step);
  }
  // A step is the last of its branch, so it ended with the state around it. Outer states come first.
  for (const step of lasts.reverse()) {
    const around = ends.get(containerOf(step, steps)?.stepId ?? "");
    const end = isTold(around) ? around.told : around;
    if (typeof end === "object" && end.status === "completed") ends.set(step.stepId, completedAt(end.at));
  }
  return ends;
};

const derive = (
  run: RunItem,
  step: StepItem,
  next: StepItem | undefined,
  output: OutputItem | undefined,
): Derived => {
  if (next !== undefined) {
    const isRaw = next.after.includes(step.name);
    // Its input may have been too long for the gate.
    if (isRaw && next.input !== undefined)
      return { at: next.entered, status: "completed", output: next.input };
    return isRaw || next.completed?.includes(step.name) === true ? completedAt(next.entered) : "ask";
  }
  const topLevel = step.path === "";
  const endedAt = run.endedAt ?? run.updatedAt;
  if (run.status === "completed" && topLevel) {
    const isRaw = output?.after?.includes(step.name) === true;
    if (isRaw && output.output !== undefined)
      return { at: endedAt, status: "completed", output: output.output };
    if (isRaw || output?.completed?.includes(step.name) === true) return completedAt(endedAt);
  }
  if (run.status === "failed" && run.error?.stepId === step.stepId) {
    const { error } = run.error;
    return { at: endedAt, status: "failed", error: { error, cause: wholeCause(run.error, output) } };
  }
  if (isTerminal(run.status) || step.human?.answer !== undefined) return "ask";
  return topLevel && run.status !== "paused" ? "live" : "ask";
};
