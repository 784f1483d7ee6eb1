import type { Json } from "../../../../shared/model/json/json.ts";
import type { FunctionsFolder } from "../../../harness/stack/functions-folder.ts";

/** Names a step of a record: the function, the record's id and, inside a Map, the item's number. */
export const stepKey = (functionName: string, event: Json): string => {
  const { id, n } = event as { id?: string; n?: number };
  return `${functionName} ${id} ${n ?? ""}`;
};

/** One call of a user's function, in milliseconds of the machine's clock. */
interface StepCall {
  readonly from: number;
  /** Absent: the call never ended. */
  readonly to?: number;
  /** The function threw, so the flow may have retried the step. */
  readonly failed?: true;
}

/** The calls of each step, as the users' functions recorded them. */
export const stepCalls = (functions: FunctionsFolder): Map<string, StepCall[]> => {
  const steps = new Map<string, StepCall[]>();
  for (const { name, at, event, time } of functions.calls()) {
    const key = stepKey(name, event);
    const calls = steps.get(key) ?? [];
    steps.set(key, calls);
    const open = calls.findLastIndex(({ to }) => to === undefined);
    if (at === "begin") calls.push({ from: time });
    else if (open >= 0) {
      const from = calls[open]?.from ?? time;
      calls[open] = { from, to: time, ...(at === "fail" ? { failed: true } : {}) };
    }
  }
  return steps;
};
