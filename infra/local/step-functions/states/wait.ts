import type { Json } from "../../../../shared/model/json.ts";
import { evaluating, runtimeFailure } from "../failure.ts";
import {
  assignments,
  display,
  effectiveInput,
  jsonataOutput,
  nextOf,
  numberField,
  outputText,
  throughOutputPath,
} from "../io.ts";
import type { StateModule } from "../kernel.ts";
import { evaluateJsonata, isJsonataString } from "../language/jsonata.ts";
import { evaluatePath } from "../language/jsonpath.ts";
import { parseTimestamp } from "../language/timestamp.ts";
import type { JsonataScope } from "../language/types.ts";
import type { Visit } from "../visit.ts";

/** Epoch ms, rounded up: a Wait never ends before its time. */
function milliseconds(value: Json): number | undefined {
  const nanoseconds = typeof value === "string" ? parseTimestamp(value) : undefined;
  return nanoseconds === undefined ? undefined : Number((nanoseconds + 999_999n) / 1_000_000n);
}

async function endOf(visit: Visit, scope: JsonataScope): Promise<number> {
  const { entered } = visit.frame;
  const seconds = await numberField(visit, "Seconds", scope);
  if (seconds !== undefined) return entered + seconds * 1000;
  const { Timestamp: literal, TimestampPath: path } = visit.state;
  if (!visit.jsonata && typeof path === "string") {
    const value = await evaluating(visit, "TimestampPath", () => evaluatePath(path, scope));
    const at = milliseconds(value);
    if (at !== undefined) return at;
    throw runtimeFailure(
      visit,
      `The TimestampPath parameter does not reference a valid ISO-8601 extended offset date-time format string: ${path} == ${display(value)}`,
    );
  }
  const value =
    visit.jsonata && literal !== undefined && isJsonataString(literal)
      ? await evaluating(visit, "Timestamp", () => evaluateJsonata(literal, scope, "Timestamp"))
      : (literal ?? null);
  const at = milliseconds(value);
  if (at !== undefined) return at;
  throw runtimeFailure(
    visit,
    `The Timestamp field cannot be parsed as an ISO-8601 extended offset date-time format string: ${display(value)}`,
    visit.jsonata ? "States.QueryEvaluationError" : "States.Runtime",
    "Timestamp",
  );
}

export const wait: StateModule = {
  async run(visit, kernel) {
    const input = await effectiveInput(visit);
    const end = await endOf(visit, visit.scope({ input }));
    return (frame) => {
      frame.phase = "wait";
      frame.wakeAt = end;
      kernel.frames.save(frame);
    };
  },
  async waited(visit, kernel) {
    const input = await effectiveInput(visit);
    const scope = visit.scope({ input });
    const assigned = await assignments(visit, visit.state["Assign"], scope);
    const output = visit.jsonata
      ? await jsonataOutput(visit, visit.state["Output"], scope, visit.input)
      : await throughOutputPath(visit, input);
    const text = outputText(visit, output);
    return (frame) => kernel.transitions.exit(visit, frame, text, nextOf(visit.state), assigned);
  },
};
