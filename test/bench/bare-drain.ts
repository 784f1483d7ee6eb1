import type { Dependencies } from "../../functions/dependencies/dependencies.ts";
import { forEachConcurrent } from "../../shared/domain/concurrency.ts";
import { executionName } from "../../shared/model/machines/machine-names.ts";
import type { QueueItem } from "../../shared/store/flows/queues.ts";
import { keys } from "../../shared/store/keys.ts";
import type { RunItem } from "../../shared/store/runs/run-item.ts";
import { runItemOf } from "../../shared/store/runs/stored-run.ts";

/** The same concurrency as the drain. */
const CONCURRENCY = 10;
const PAGE = 500;

/**
 * The minimum work of a drain: after the hold is lifted, each record of the queue is taken off, started and removed, oldest
 * first.
 */
export const bareDrain = async (deps: Dependencies, workspace: string, flowId: string): Promise<number> => {
  const { table, queues } = deps;
  const flow = await table.get(keys.flow(workspace, flowId));
  const identity = { workspace, flowId, incarnation: String(flow?.["incarnation"]) };
  await table.update(keys.hold(workspace, flowId, identity.incarnation), { set: { holds: {} }, when: [] });
  let started = 0;
  for (;;) {
    const records = await queues.head(identity, PAGE);
    if (records.length === 0) return started;
    await forEachConcurrent(records, { concurrency: CONCURRENCY }, (record) => start(deps, identity, record));
    started += records.length;
  }
};

const start = async (
  { table, runs, executions, queues }: Dependencies,
  flow: Pick<RunItem, "workspace" | "flowId" | "incarnation">,
  record: QueueItem,
): Promise<void> => {
  const own = keys.run(flow.workspace, record.runId);
  const written = await table.update(own, {
    remove: ["queuedAt"],
    when: [{ text: "attribute_exists(queuedAt)" }],
  });
  if (!written.ok) return;
  const run = runItemOf(written.item);
  const input = (await runs.payload(flow.workspace, record.runId)) ?? "{}";
  const machineArn = (await runs.machineVersion(run))?.arn ?? "";
  await executions.start({ machineArn, name: executionName(run), input });
  await queues.remove(flow, record);
};
