import type { MiddlewareObj } from "@middy/core";
import { z } from "zod";
import { passInlineGate, type StepGate } from "../../shared/domain/pass-gate.ts";
import { TaskError } from "../../shared/domain/task-error.ts";
import { GATE_FAILED, type InlineCall } from "../../shared/model/task-events.ts";
import { gateEventSchema } from "../middleware/task-schema.ts";
import { gateDependencies } from "./dependencies.ts";

const callSchema = z.object({ sluice: gateEventSchema, event: z.json(), raw: z.boolean().optional() });

/** As in the compiled text of a gate before a step: longer inputs are read from the execution's history when somebody asks. */
const MOST_INPUT_CHARACTERS = 50_000;

/** Not an answer: the flow asks again. It names what went wrong, and carries no more of it. */
class GateFailed extends Error {
  constructor(cause: unknown) {
    const what = cause instanceof Error ? cause.name : typeof cause;
    super(`The gate could not ask (${what})`, { cause });
    this.name = GATE_FAILED;
    this.stack = `${this.name}: ${this.message}`;
  }
}

/**
 * A middy middleware: asks, before the handler runs, whether the run may go on, and throws `Sluice.Paused` and the like where
 * it may not, which the compiled flow takes. The handler sees the event that the flow meant for it. A call that does not
 * come from a step with `"Gate": "inline"` passes untouched.
 *
 * Put it first, so that nothing of the function's own happens before a held step. Needs the environment variable SLUICE_TABLE.
 */
export const sluiceGate = (): MiddlewareObj<unknown, unknown> => ({
  before: async (request) => {
    request.event = await admitted(request.event);
  },
});

/** The same around a plain handler. */
export const withSluiceGate =
  <Event, Context, Result>(handler: (event: Event, context: Context) => Promise<Result>) =>
  async (event: unknown, context: Context): Promise<Result> =>
    handler((await admitted(event)) as Event, context);

/** The event for the handler of a call that may go on. */
const admitted = async (event: unknown): Promise<unknown> => {
  if (!isGated(event)) return event;
  try {
    const { sluice, raw, event: own } = callSchema.parse(event) as InlineCall;
    const text = raw === true ? JSON.stringify(own) : undefined;
    const kept = text !== undefined && text.length < MOST_INPUT_CHARACTERS ? { input: own } : {};
    await passInlineGate(atLeast(gateDependencies(), Date.parse(sluice.entered)), { ...sluice, ...kept });
    return own;
  } catch (error) {
    throw error instanceof TaskError ? error : new GateFailed(error);
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
const atLeast = (gate: StepGate, entered: number): StepGate => ({
  ...gate,
  clock: { now: () => Math.max(gate.clock.now(), entered) },
});
