import type { Action } from "./command.ts";
import { accept, notFound, type Outcome } from "./run-outcomes.ts";
import { copyOf, isHeld, type Model, type ModelTrigger, waitsInQueue } from "./state.ts";

const HOUR_MS = 3_600_000;

/** The id in the payload of the next trigger's records. */
export const nextRecord = ({ puts }: Model): string => `t${puts + 1}`;

/** The outcome of a trigger's creation or replacement. The name of its newest record stays. */
export const putTrigger = (
  before: Model,
  { flow: flowId, whileHeld, enabled }: Extract<Action, { do: "put trigger" }>,
): Outcome => {
  const model = copyOf(before);
  const flow = model.flows[flowId];
  if (flow === undefined) return notFound(before);
  const status = flow.trigger === undefined ? 201 : 200;
  flow.trigger = { whileHeld, enabled, record: nextRecord(model), latest: flow.trigger?.latest };
  model.puts += 1;
  return { expected: { status }, model };
};

export const deleteTrigger = (before: Model, flowId: string): Outcome => {
  const model = copyOf(before);
  const flow = model.flows[flowId];
  if (flow?.trigger === undefined) return notFound(before);
  delete flow.trigger;
  return { expected: { status: 204 }, model };
};

/** The outcomes of events of the trigger's schedule. One that is delivered again changes nothing. */
export const firing = (before: Model, { flow, times, again }: Extract<Action, { do: "fire" }>): Outcome[] => {
  let models = [copyOf(before)];
  for (let time = 0; !again && time < times; time += 1)
    models = models.flatMap((model) => fired(model, flow));
  return models.map((model) => ({ expected: { status: 200 }, model }));
};

const fired = (before: Model, flowId: string): Model[] => {
  const flow = before.flows[flowId];
  if (flow?.trigger === undefined) return [before];
  const { trigger } = flow;
  flow.firedAt = before.now;
  if (trigger.whileHeld === "drop" && isHeld(flow)) return [before];
  return accept(before, { flowId, trigger: trigger.record }).map(({ model }) =>
    trigger.whileHeld === "latest" ? replaced(model, flowId, trigger) : model,
  );
};

/** The older record of the trigger gives way to the newest run, if it still waits in the queue. */
const replaced = (model: Model, flowId: string, trigger: ModelTrigger): Model => {
  const older = model.runs[trigger.latest ?? ""];
  if (older?.deletedAt === undefined && older !== undefined && waitsInQueue(older))
    Object.assign(older, { status: "cancelled", placed: false });
  const flow = model.flows[flowId];
  if (flow !== undefined) flow.trigger = { ...trigger, latest: `r${model.made}` };
  return model;
};

/** Whether the event can be delivered: the schedule of an enabled trigger has events, and Scheduler repeats one for a while. */
export const canFire = (model: Model, { flow: flowId, again }: Extract<Action, { do: "fire" }>): boolean => {
  const flow = model.flows[flowId];
  if (again) return flow?.firedAt !== undefined && model.now - flow.firedAt < HOUR_MS;
  return flow?.exists === true && flow.trigger?.enabled === true;
};
