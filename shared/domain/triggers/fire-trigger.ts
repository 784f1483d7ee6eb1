import type { Actor } from "../../model/actor.ts";
import { SluiceError } from "../../model/errors.ts";
import { queuesRecord } from "../../model/holds/keeps.ts";
import type { TriggerEvent } from "../../outbound/ports.ts";
import type { FlowItem } from "../../store/flows/flow-item.ts";
import type { TriggerItem } from "../../store/flows/triggers.ts";
import type { RunItem } from "../../store/runs/run-item.ts";
import { type IntakeDependencies, logFields } from "../deps.ts";
import { dispatchRun } from "../dispatch/dispatch-run.ts";
import { retryOnConflict } from "../optimistic-write.ts";
import { triggerChanged } from "../refusals.ts";
import { cancelRun } from "../runs/cancel-run.ts";
import { isQueued } from "../runs/queued-run.ts";

const REPLACED = "Replaced by a newer record of its trigger";
/** Refusals of a record that no repetition would accept: the flow has gone, or its time has had its run. */
const FINAL: readonly string[] = ["not_found", "action_not_allowed", "idempotency_key_reused"];

/**
 * Dispatches the record of one time of a trigger's schedule. The time is the record's key, so a time that is delivered twice is one run. An
 * event of a trigger, a generation or a flow that is no more does nothing. `time`: ISO 8601.
 */
export const fireTrigger = async (
  deps: IntakeDependencies,
  event: TriggerEvent,
  time: string,
): Promise<void> => {
  const flow = await deps.flows.read(event.workspace, event.flowId);
  const trigger =
    flow?.incarnation === event.incarnation && flow.deleting !== true
      ? await deps.triggers.get(flow, event.triggerId)
      : undefined;
  if (flow === undefined || trigger?.generation !== event.generation) return;
  if (trigger.dropped !== undefined && time <= trigger.dropped) return;
  if (trigger.whileHeld === "drop" && (await isHeldNow(deps, flow))) {
    await deps.triggers.markDropped(flow, trigger, time);
    deps.log.info("A trigger's record was dropped, because the flow is held", logFields(flow));
    return;
  }
  const run = await dispatchAt(deps, flow, trigger, time);
  if (run !== undefined && trigger.whileHeld === "latest") await replaceOlder(deps, flow, trigger, run, time);
};

const isHeldNow = async (deps: IntakeDependencies, flow: FlowItem): Promise<boolean> => {
  const hold = await deps.holds.get(flow.workspace, flow.flowId, flow.incarnation);
  return queuesRecord(hold, undefined, flow.version, deps.clock.now());
};

const actorOf = ({ triggerId }: TriggerItem): Actor => ({ kind: "schedule", id: triggerId });

const dispatchAt = async (
  deps: IntakeDependencies,
  { workspace, flowId }: FlowItem,
  trigger: TriggerItem,
  time: string,
): Promise<RunItem | undefined> => {
  try {
    const { record } = await dispatchRun(deps, {
      ...{
        workspace,
        flowId,
        payload: JSON.parse(trigger.payload),
        idempotencyKey: time,
        alwaysQueues: true,
      },
      starter: { actor: actorOf(trigger), permissions: [] },
    });
    return record;
  } catch (error) {
    if (!(error instanceof SluiceError) || !FINAL.includes(error.code)) throw error;
    deps.log.info("A trigger's record was refused", {
      ...logFields({ workspace, flowId }),
      code: error.code,
    });
    return undefined;
  }
};

/**
 * Makes the run the trigger's newest one, and cancels the older run if it is still queued: the new run exists first. If the process dies
 * before the trigger names the new run, the event comes again and cancels once more. Of two events at once, the later time wins. A trigger
 * that is put again or deleted in the meantime leaves no older record beside the new one either.
 */
const replaceOlder = (
  deps: IntakeDependencies,
  flow: FlowItem,
  fired: TriggerItem,
  run: RunItem,
  time: string,
): Promise<void> =>
  retryOnConflict<void>(
    deps,
    async () => {
      const now = await deps.triggers.get(flow, fired.triggerId);
      const trigger = now?.createdAt === fired.createdAt ? now : undefined;
      const { latest } = trigger ?? fired;
      if (latest?.runId === run.runId) return;
      if (latest !== undefined && latest.time > time) return cancelQueued(deps, run.runId, flow, fired);
      if (latest !== undefined) await cancelQueued(deps, latest.runId, flow, fired);
      if (trigger === undefined) return;
      return (await deps.triggers.setLatest(flow, trigger, { runId: run.runId, time }))
        ? undefined
        : "conflict";
    },
    () => triggerChanged(fired.triggerId),
  );

const cancelQueued = async (
  deps: IntakeDependencies,
  runId: string,
  { workspace }: FlowItem,
  trigger: TriggerItem,
): Promise<void> => {
  const run = await deps.runs.get(workspace, runId);
  if (run === undefined || run.deleted === true || !isQueued(run)) return;
  try {
    await cancelRun(deps, { workspace, runId, actor: actorOf(trigger), reason: REPLACED, ifMatch: run.rev });
  } catch (error) {
    // It has just left the queue, or ended.
    if (!(error instanceof SluiceError)) throw error;
  }
};
