import type { Dependencies } from "../../functions/dependencies/dependencies.ts";
import { newRun } from "../../shared/domain/dispatch/new-run.ts";
import { iso } from "../../shared/model/time/clock.ts";
import { type Clause, within } from "../../shared/store/expressions.ts";
import { indexKeys, keys } from "../../shared/store/keys.ts";
import type { RunItem } from "../../shared/store/runs/run-item.ts";
import { newItem } from "../../shared/store/runs/stored-run.ts";

import { bareDrain } from "./bare-drain.ts";

/** The calls that an operation cannot do without, made through the same clients as the handlers' calls. */
export interface FloorRequest {
  readonly op:
    | "nothing"
    | "get"
    | "list"
    | "pause"
    | "resume"
    | "resume of a parked run"
    | "cancel"
    | "dispatch"
    | "gate"
    | "drain";
  readonly workspace: string;
  readonly flowId: string;
  /** A run of the flow. */
  readonly runId: string;
  /** Different at each call. */
  readonly n: number;
}

const BENCH_RUN = "bench-floor";
const always: Clause = { text: "attribute_not_exists(deleted)" };

/** The floor of a request: reads the caller's membership, as every request does, then makes the calls in order. */
export const floor = async (
  deps: Dependencies,
  { op, workspace, flowId, runId, n }: FloorRequest,
): Promise<object> => {
  const { table, members, executions, clock } = deps;
  if (op !== "gate") await members.read(workspace, "admin");
  const own = keys.run(workspace, BENCH_RUN);
  const at = iso(clock.now());
  const change = () => {
    const status = n % 2 === 0 ? "paused" : "running";
    const attention =
      n % 2 === 0 ? { attentionKey: indexKeys.attention(workspace, 0), attentionSince: at } : {};
    const set = {
      status,
      rev: n,
      updatedAt: at,
      statusKey: indexKeys.byStatus(workspace, status, 0),
      ...attention,
    };
    const remove = n % 2 === 0 ? [] : ["attentionKey", "attentionSince"];
    return table.update(own, { set, remove, when: [always] });
  };
  switch (op) {
    case "nothing":
      break;
    case "get":
      await table.get(keys.run(workspace, runId));
      await Promise.all([
        table.get(keys.payload(workspace, runId)),
        table.get(keys.output(workspace, runId)),
      ]);
      break;
    case "list": {
      const { items } = await table.queryPage({
        index: "byFlow",
        key: {
          text: "flowKey = :flow",
          values: { ":flow": indexKeys.byFlow(workspace, flowId, 0) },
        },
        newestFirst: true,
        limit: 50,
      });
      if (items.length > 0)
        await table.getMany(items.map(({ PK, SK }) => ({ PK: String(PK), SK: String(SK) })));
      break;
    }
    case "pause":
      await table.get(own);
      await change();
      break;
    case "resume":
    case "resume of a parked run":
      await table.get(own);
      await change();
      await table.queryPage({ key: within(own.PK, "P#") });
      if (op === "resume") break;
      await executions.succeed("a token that nobody waits for", "{}");
      await table.delete(keys.runPark(workspace, BENCH_RUN, String(n)));
      break;
    case "cancel":
      await table.get(own);
      await change();
      await executions
        .stop(`${deps.machinePlace.arnPrefix}:execution:none:none`, "Cancelled", "")
        .catch(() => undefined);
      break;
    case "dispatch": {
      const flow = await table.get(keys.flow(workspace, flowId));
      const record = { ...fresh(deps, workspace, flowId), incarnation: String(flow?.["incarnation"]) };
      await table.put({ ...newItem(record) });
      const machine = await deps.runs.machineVersion(record);
      await executions.start({ machineArn: machine?.arn ?? "", name: `${record.runId}.1`, input: "{}" });
      break;
    }
    case "drain":
      return { op, started: await bareDrain(deps, workspace, flowId) };
    case "gate":
      await table.get(keys.flow(workspace, flowId));
      await table.update(own, {
        set: { currentStep: { name: "Other", stepId: String(n), entered: at } },
        when: [always],
      });
      await table.putIfAbsent({
        ...keys.step(workspace, BENCH_RUN, String(n)),
        name: "Other",
        type: "Task",
        input: "{}",
      });
      break;
  }
  return { op };
};

const fresh = ({ ids, clock }: Dependencies, workspace: string, flowId: string): RunItem => {
  const run = { runId: ids.runId(clock.now()), workspace, flowId, incarnation: "", version: 1 };
  return newRun({ ...run, runAs: "user", startedBy: { kind: "user", id: "admin" } }, clock.now(), ids);
};
