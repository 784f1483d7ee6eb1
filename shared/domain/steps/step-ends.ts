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
export type Derived = StepEnd | "ask" | "live";

/** Derives the ends of steps. `steps` are in order of time; `output` is the output item of a run that has ended. */
export const deriveEnds = (
  run: RunItem,
  steps: readonly StepItem[],
  output: OutputItem | undefined,
): Map<string, Derived> => {
  const next = new Map<string, StepItem>();
  const ends = new Map<string, Derived>();
  for (const step of [...steps].reverse()) {
    ends.set(step.stepId, step.end ?? derive(run, step, next.get(step.path), output));
    next.set(step.path, step);
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
    // The next step was reached in another way, or its input was too long for the gate.
    if (!next.after.includes(step.name) || next.input === undefined) return "ask";
    return { at: next.entered, status: "completed", output: next.input };
  }
  const topLevel = step.path === "";
  const endedAt = run.endedAt ?? run.updatedAt;
  if (
    run.status === "completed" &&
    topLevel &&
    output?.after?.includes(step.name) &&
    output.output !== undefined
  ) {
    return { at: endedAt, status: "completed", output: output.output };
  }
  if (run.status === "failed" && run.error?.stepId === step.stepId) {
    const { error } = run.error;
    return { at: endedAt, status: "failed", error: { error, cause: wholeCause(run.error, output) } };
  }
  if (isTerminal(run.status) || step.human?.answer !== undefined) return "ask";
  return topLevel && run.status !== "paused" ? "live" : "ask";
};
