import type { Json } from "../../model/json/json.ts";
import { MAX_INLINE_STEP_BYTES } from "../../model/limits.ts";
import type { Step } from "../../model/schemas/run.ts";
import type { SettledStep } from "./settle-steps.ts";

/** Inputs and outputs of a step that were too long to store, from the history. */
export interface LongTexts {
  readonly input?: string;
  readonly output?: string;
}

/** Returns a step in the API's format. In a list (`inline`), a long input or output is replaced by its size. */
export const stepView = ({ step, end }: SettledStep, seq: number, long: LongTexts, inline: boolean): Step => {
  const { stepId, name, type, path, startedAt, waitingOn } = step;
  const input = step.input ?? long.input;
  const output = end?.output ?? long.output;
  const value = (text: string): Json => {
    const size = Buffer.byteLength(text);
    return inline && size > MAX_INLINE_STEP_BYTES ? { truncated: true, size } : (JSON.parse(text) as Json);
  };
  const waits = end === undefined && waitingOn !== undefined;
  return {
    stepId,
    seq,
    name,
    type,
    status: end?.status ?? (waits ? "waiting" : "running"),
    startedAt,
    input: input === undefined ? null : value(input),
    ...(path === "" ? {} : { branch: path }),
    ...(end === undefined ? {} : { endedAt: end.at }),
    ...(output === undefined ? sizeOnly(end?.outputSize) : { output: value(output) }),
    ...(end?.error === undefined ? {} : { error: end.error }),
    ...(waits ? { waitingOn: { ...waitingOn, stepId } } : {}),
  };
};

const sizeOnly = (size: number | undefined): Pick<Step, "output"> =>
  size === undefined ? {} : { output: { truncated: true, size } };
