import { pauseFlow } from "../../../shared/domain/holds/pause-flow.ts";
import { resumeFlow } from "../../../shared/domain/holds/resume-flow.ts";
import type { Actor } from "../../../shared/model/actor.ts";
import type { Table } from "../../../shared/store/client.ts";
import type { FlowItem } from "../../../shared/store/records.ts";
import { eachWithTable } from "../table/each-with-table.ts";
import { HoldRig } from "./hold-harness.ts";

export const ANN: Actor = { kind: "user", id: "ann" };

export interface Fresh {
  readonly table: Table;
  readonly rig: HoldRig;
  readonly flow: FlowItem;
}

/** In the file's table, a rig and a flow of its own for each test. */
export const freshFlows = (use: (fresh: Fresh) => void): void =>
  eachWithTable(async (table, nth) => {
    const rig = new HoldRig(table);
    use({ table, rig, flow: await rig.flow(table, `flow-${nth}`) });
  });

/** What Ann asks of the test's flow. */
export const flowCalls = (fresh: () => Pick<Fresh, "rig" | "flow">) => {
  const asked = () => {
    const { workspace, flowId } = fresh().flow;
    return { workspace, flowId, actor: ANN };
  };
  return {
    asked,
    pause: (more: { resumeAt?: string; reason?: string } = {}) =>
      pauseFlow(fresh().rig.deps, { ...asked(), mode: "queue", ...more }),
    resume: (more: { holds?: ("manual" | "throughput")[]; drainRate?: number } = {}) =>
      resumeFlow(fresh().rig.deps, { ...asked(), ...more }),
    now: async (): Promise<FlowItem> => {
      const { rig, flow } = fresh();
      const found = await rig.deps.flows.read(flow.workspace, flow.flowId);
      if (found === undefined) throw new Error("The flow is gone");
      return found;
    },
  };
};
