import { pauseFlow } from "../../../shared/domain/holds/pause-flow.ts";
import { type ResumeFlow, resumeFlow } from "../../../shared/domain/holds/resume-flow.ts";
import type { Actor } from "../../../shared/model/actor.ts";
import { contentHash } from "../../../shared/model/ids.ts";
import type { FlowItem } from "../../../shared/store/flows/flow-item.ts";
import type { Table } from "../../../shared/store/table.ts";
import { eachWithTable } from "../table/each-with-table.ts";
import type { FlowKind } from "./flow-kinds.ts";
import { HoldHarness } from "./hold-harness.ts";

export const ANN: Actor = { kind: "user", id: "ann" };

export interface Fresh {
  readonly table: Table;
  readonly harness: HoldHarness;
  readonly flow: FlowItem;
}

/** A harness and a flow for each test, in the file's table. */
export const freshFlows = (use: (fresh: Fresh) => void): void =>
  eachWithTable(async (table, nth) => {
    const harness = new HoldHarness(table);
    use({ table, harness, flow: await harness.flow(table, `flow-${nth}`) });
  });

/** Returns the flow, attached to a machine of a team if that is its kind. */
export const ofKind = async (
  kind: FlowKind,
  { harness, flow }: Pick<Fresh, "harness" | "flow">,
): Promise<FlowItem> => {
  if (kind === "managed") return flow;
  const machineArn = `arn:aws:states:us-east-1:000000000000:stateMachine:${flow.flowId}`;
  const definition = { StartAt: "one", States: { one: { Type: "Succeed" } } };
  harness.definitions.set(machineArn, JSON.stringify(definition));
  const text = { version: flow.version, hash: contentHash(definition) };
  const attached: FlowItem = { ...flow, attachment: { machineArn, whenUnreachable: "pass", text } };
  if (!(await harness.deps.flows.change(flow, attached))) throw new Error("The flow has changed");
  return attached;
};

/** Ann's calls for the test's flow. */
export const flowCalls = (fresh: () => Pick<Fresh, "harness" | "flow">) => {
  const asked = () => {
    const { workspace, flowId } = fresh().flow;
    return { workspace, flowId, actor: ANN };
  };
  return {
    asked,
    pause: (more: { resumeAt?: string; reason?: string } = {}) =>
      pauseFlow(fresh().harness.deps, { ...asked(), mode: "queue", ...more }),
    resume: (more: Pick<ResumeFlow, "holds" | "drainRate" | "ramp" | "canary" | "canaryWithin"> = {}) =>
      resumeFlow(fresh().harness.deps, { ...asked(), ...more }),
    now: async (): Promise<FlowItem> => {
      const { harness, flow } = fresh();
      const found = await harness.deps.flows.read(flow.workspace, flow.flowId);
      if (found === undefined) throw new Error("The flow is gone");
      return found;
    },
  };
};
