import type { Json } from "../../../shared/model/json/json.ts";
import { evaluating, Failed, runtimeFailure } from "../interpreter/failure.ts";
import {
  display,
  effectiveInput,
  jsonataOutput,
  leave,
  nextOf,
  numberField,
  QUERY_ERROR,
  throughOutputPath,
} from "../interpreter/input-output.ts";
import type { StateModule } from "../interpreter/state-module.ts";
import type { Visit } from "../interpreter/visit.ts";
import { evaluateJsonata, isJsonataString } from "../language/jsonata/jsonata.ts";
import { evaluatePath } from "../language/jsonpath/jsonpath.ts";
import { parseTimestamp } from "../language/values/timestamp.ts";
import type { JsonataScope } from "../language/values/types.ts";
import { andThen } from "../model/maybe-promise.ts";

/** Epoch ms, rounded up, so that a Wait never ends early. */
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
    const value = evaluating(visit, "TimestampPath", () => evaluatePath(path, scope));
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
  const cause = `The Timestamp field cannot be parsed as an ISO-8601 extended offset date-time format string: ${display(value)}`;
  if (!visit.jsonata) throw runtimeFailure(visit, cause);
  const { failure } = runtimeFailure(visit, cause, QUERY_ERROR, "Timestamp");
  throw new Failed({ ...failure, evaluated: true });
}

/** Seconds, as recorded from the service: it accepts a wait of 24,855 days and no more. */
const LONGEST_WAIT = 2 ** 31 - 1;

export const wait: StateModule = {
  run(visit, deps) {
    const scope = visit.scope({ input: effectiveInput(visit) });
    return andThen(endOf(visit, scope), (end) => {
      if (end - deps.clock.now() > LONGEST_WAIT * 1000)
        throw runtimeFailure(visit, "Wait state delay is too long.");
      return (frame) => {
        frame.phase = "wait";
        frame.wakeAt = end;
        deps.frames.save(frame);
      };
    });
  },
  waited(visit, deps) {
    const { state } = visit;
    const input = effectiveInput(visit);
    const scope = visit.scope({ input });
    const output = () =>
      visit.jsonata ? jsonataOutput(visit, state["Output"], scope, input) : throughOutputPath(visit, input);
    return leave(visit, deps, { rule: state, next: nextOf(state), scope, output });
  },
};
