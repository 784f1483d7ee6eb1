import * as v from "valibot";
import type { GateDependencies } from "../../shared/domain/deps.ts";
import { passInlineGate } from "../../shared/domain/gates/pass-gate.ts";
import { TaskError } from "../../shared/domain/gates/task-error.ts";
import type { Json } from "../../shared/model/json/json.ts";
import { GATE_FAILED, type InlineCall } from "../../shared/model/machines/task-events.ts";
import { gateEventSchema, jsonSchema } from "../middleware/task-schema.ts";

const callSchema = v.object({
  sluice: gateEventSchema,
  event: jsonSchema,
  raw: v.exactOptional(v.boolean()),
  text: v.exactOptional(v.boolean()),
});

/** As in the compiled text of a gate before a step: longer inputs are read from the execution's history when somebody asks. */
const MAX_INPUT_CHARACTERS = 50_000;

/** Not an answer: the flow asks again. It names what went wrong, and carries no more of it. */
class GateFailed extends Error {
  constructor(cause: unknown) {
    const what = cause instanceof Error ? cause.name : typeof cause;
    super(`The gate could not ask (${what})`, { cause });
    this.name = GATE_FAILED;
    this.stack = `${this.name}: ${this.message}`;
  }
}

/** What Lambda says of a payload that is no JSON, so that the flow sees no difference. */
class NoJson extends Error {
  override readonly name = "Lambda.InvalidRequestContentException";
}

const parsed = (text: string): Json => {
  try {
    return JSON.parse(text) as Json;
  } catch {
    throw new NoJson("Could not parse request body into json");
  }
};

/** The event for the handler of a call that may go on. Throws the gate's refusal, or GateFailed where `gate` could not be asked. */
export const admitted = async (gate: () => GateDependencies, event: unknown): Promise<unknown> => {
  if (!isGated(event)) return event;
  try {
    const { sluice, raw, text, event: sent }: InlineCall = v.parse(callSchema, event);
    const own = text === true && typeof sent === "string" ? parsed(sent) : sent;
    const short = raw === true && JSON.stringify(sent).length < MAX_INPUT_CHARACTERS;
    const kept = short ? { input: sent } : {};
    await passInlineGate(atLeast(gate(), Date.parse(sluice.entered)), { ...sluice, ...kept });
    return own;
  } catch (error) {
    throw error instanceof TaskError || error instanceof NoJson ? error : new GateFailed(error);
  }
};

const isGated = (event: unknown): event is { readonly sluice: object } =>
  typeof event === "object" &&
  event !== null &&
  "event" in event &&
  "sluice" in event &&
  typeof event.sluice === "object" &&
  event.sluice !== null &&
  "op" in event.sluice &&
  event.sluice.op === "gate";

/** No step begins before Step Functions has entered it, whatever this machine's clock says. */
const atLeast = (gate: GateDependencies, entered: number): GateDependencies => ({
  ...gate,
  clock: { now: () => Math.max(gate.clock.now(), entered) },
});
