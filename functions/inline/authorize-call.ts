import * as v from "valibot";
import type { GateDependencies } from "../../shared/domain/deps.ts";
import { passInlineGate } from "../../shared/domain/gates/pass-gate.ts";
import { TaskError } from "../../shared/domain/gates/task-error.ts";
import type { Json } from "../../shared/model/json/json.ts";
import { GATE_FAILED, type InlineCall } from "../../shared/model/machines/task-events.ts";
import { jsonSchema } from "../middleware/event-fields.ts";
import { gateEventSchema } from "../middleware/task-schema.ts";

const callSchema = v.object({
  sluice: gateEventSchema,
  event: jsonSchema,
  raw: v.exactOptional(v.boolean()),
  text: v.exactOptional(v.boolean()),
});

/** The same limit as in the compiled text of a gate before a step. Longer inputs are read from the execution's history on demand. */
const MAX_INPUT_CHARACTERS = 50_000;

/** The gate could not be evaluated, so the flow asks again. The message contains only the error's name. */
class GateFailed extends Error {
  constructor(cause: unknown) {
    const name = cause instanceof Error ? cause.name : typeof cause;
    super(`The gate failed: ${name}`, { cause });
    this.name = GATE_FAILED;
    this.stack = `${this.name}: ${this.message}`;
  }
}

/** The error that Lambda reports for a payload that is not JSON, so that the flow sees no difference. */
class InvalidJson extends Error {
  override readonly name = "Lambda.InvalidRequestContentException";
}

const parsed = (text: string): Json => {
  try {
    return JSON.parse(text) as Json;
  } catch {
    throw new InvalidJson("Could not parse request body into json");
  }
};

/**
 * Returns the event for the handler if the run may continue. Throws the gate's refusal, or GateFailed if the gate could not be
 * evaluated.
 */
export const authorizeCall = async (gate: () => GateDependencies, event: unknown): Promise<unknown> => {
  if (!isGated(event)) return event;
  try {
    const { sluice, raw, text, event: sent }: InlineCall = v.parse(callSchema, event);
    const own = text === true && typeof sent === "string" ? parsed(sent) : sent;
    const short = raw === true && JSON.stringify(sent).length < MAX_INPUT_CHARACTERS;
    const kept = short ? { input: sent } : {};
    await passInlineGate(notBefore(gate(), Date.parse(sluice.entered)), { ...sluice, ...kept });
    return own;
  } catch (error) {
    throw error instanceof TaskError || error instanceof InvalidJson ? error : new GateFailed(error);
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

/** Keeps the clock from running behind that of Step Functions: no step begins before its state was entered. */
const notBefore = (gate: GateDependencies, entered: number): GateDependencies => ({
  ...gate,
  clock: { now: () => Math.max(gate.clock.now(), entered) },
});
