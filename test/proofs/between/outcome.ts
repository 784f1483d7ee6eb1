import { isDeepStrictEqual } from "node:util";
import { isQueued } from "../../../shared/domain/runs/queued-run.ts";
import { SluiceError } from "../../../shared/model/errors.ts";
import { heldNames } from "../../../shared/model/holds/hold.ts";
import type { FlowItem } from "../../../shared/store/flows/flow-item.ts";
import type { Subject } from "./subject.ts";
import { triggerOutcome } from "./triggers.ts";

/** The end of a change: "done", or the code of its refusal. */
export const ending = async (change: Promise<unknown>): Promise<string> => {
  try {
    await change;
    return "done";
  } catch (error) {
    if (error instanceof SluiceError) return error.code;
    if (error instanceof Error && error.message === "not allowed") return "not allowed";
    throw error;
  }
};

/** The state that a user can see afterwards, without ids and times. */
export const outcomeOf = async ({ harness, flow, run }: Subject): Promise<string> => {
  const { flows, runs, queues, holds } = harness.deps;
  const flowNow = await flows.read(flow.workspace, flow.flowId);
  const runNow = await runs.get(run.workspace, run.runId);
  const copy = await holds.get(flow.workspace, flow.flowId, flow.incarnation);
  const queue = await queues.head(flow, 10);
  const holdIds = Object.values({ ...flowNow?.holds, ...flowNow?.partialHolds }).map(({ id }) => id);
  const partial = Object.values(flowNow?.partialHolds ?? {});
  const seen = {
    flow:
      flowNow === undefined
        ? "gone"
        : {
            holds: Object.keys(flowNow.holds).sort(),
            mode: holdIds.length === 0 ? undefined : flowNow.mode,
            steps: partial.length === 0 ? undefined : partial.map(heldNames),
            copyAgrees: isDeepStrictEqual(
              idsOf({ ...copy?.holds, ...copy?.finishing }),
              idsOf(flowNow.holds),
            ),
            finishes: flowNow.holds.manual?.finishUntil === undefined ? undefined : true,
            caps: flowNow.caps,
            trigger: await triggerOutcome({ harness, flow }),
            planned: flowNow.scheduledPause?.mode,
            plansDiffer: plansDiffer(harness, flowNow) ? true : undefined,
            version: flowNow.version,
            deleting: flowNow.deleting === true,
            drains: flowNow.drain !== undefined,
            canary: flowNow.canary && [
              flowNow.canary.state,
              flowNow.canary.runs.length,
              copy?.canary !== undefined,
            ],
            ramps:
              flowNow.ramp === undefined && copy?.ramp === undefined
                ? undefined
                : isDeepStrictEqual(copy?.ramp, flowNow.ramp),
            schedules: holdIds.every((id) => harness.schedules.holdIds.includes(id)),
            strays: harness.schedules.holdIds.length - holdIds.length,
            revisions: flowNow.rev,
            audit: (await flows.audit(flowNow, 20)).length,
          },
    run:
      runNow === undefined || runNow.deleted === true
        ? "gone"
        : {
            status: runNow.status,
            pausedBy: runNow.pausedBy?.kind,
            queued: runNow.queuedAt !== undefined,
            // A place that the run has left starts nothing: whoever reads it next removes it.
            inQueue: isQueued(runNow) && queue.some(({ runId }) => runId === run.runId),
            started: harness.started.names.filter((name) => name.startsWith(run.runId)).length,
            revisions: runNow.rev,
            audit: (await runs.audit(runNow)).length,
            intent: runNow.intent?.kinds,
            attempt: runNow.attempt,
            pauseBefore: runNow.pauseBefore?.state,
            stepsLeft: runNow.stepping?.left,
            parks: await count(harness.deps.parks.ofRun(runNow)),
          },
    others:
      queue.filter(({ runId }) => runId !== run.runId).length +
      harness.started.names.filter((name) => !name.startsWith(run.runId)).length,
  };
  return sorted(seen);
};

/** Whether the planned pause has no schedule, or something else has one. */
const plansDiffer = ({ schedules }: Subject["harness"], { scheduledPause }: FlowItem): boolean =>
  [...schedules.begins.keys()].join() !== (scheduledPause?.id ?? "");

const count = async (items: AsyncIterable<unknown>): Promise<number> => {
  let found = 0;
  for await (const _item of items) found += 1;
  return found;
};

/** JSON text whose fields are in order of their names: DynamoDB's maps have no order. */
const sorted = (value: unknown): string =>
  JSON.stringify(value, (_key, inner: unknown) =>
    typeof inner === "object" && inner !== null && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1)))
      : inner,
  );

/** The copy names the holds by kind and id, without who placed them and why. */
const idsOf = (holds: Readonly<Record<string, { readonly id: string } | undefined>> = {}) =>
  Object.entries(holds)
    .map(([kind, hold]) => `${kind} ${hold?.id}`)
    .sort();
