import { keys } from "../keys.ts";
import { TableStore } from "../table.ts";
import type { Attachment, FlowIdentity, FlowItem } from "./flow-item.ts";

/** Whether executions of the machine are runs: its definition may have gates, and the flow is not being detached. */
export const isRegistered = (attachment: Attachment | undefined): boolean =>
  attachment !== undefined && attachment.detaching !== true;

/** Whether the flow's text is that of a machine which belongs to somebody else, or will be once a template has deployed it. */
export const isOfMachine = ({ attachment, registration }: FlowItem): boolean =>
  attachment !== undefined || registration !== undefined;

const MACHINE_ARN = /:stateMachine:([^:]+)$/;

/** The name of an attached flow's state machine. */
export const attachedMachine = ({ attachment }: Pick<FlowItem, "attachment">): string | undefined =>
  attachment === undefined ? undefined : MACHINE_ARN.exec(attachment.machineArn)?.[1];

/** Stores which flow a state machine is attached to, and which flows were attached once. */
export class AttachmentStore extends TableStore {
  async ownerOf(machineArn: string): Promise<FlowIdentity | undefined> {
    const item = await this.table.get(keys.attachedMachine(machineArn));
    if (item === undefined) return undefined;
    const { workspace, flowId, incarnation } = item;
    return { workspace: String(workspace), flowId: String(flowId), incarnation: String(incarnation) };
  }

  /** Claims the machine for the flow, in place of `before`. Returns false if another flow has claimed it in the meantime. */
  async claim(
    machineArn: string,
    { workspace, flowId, incarnation }: FlowIdentity,
    before?: FlowIdentity,
  ): Promise<boolean> {
    const { ok } = await this.table.update(keys.attachedMachine(machineArn), {
      set: { workspace, flowId, incarnation },
      when: [before === undefined ? { text: "attribute_not_exists(PK)" } : isOf(before)],
    });
    return ok;
  }

  /** Removes the flow's claim on the machine, if it has one. */
  async release(machineArn: string, flow: FlowIdentity): Promise<void> {
    await this.table.deleteIf(keys.attachedMachine(machineArn), isOf(flow));
  }

  async noteDetached({ workspace, flowId, incarnation }: FlowIdentity): Promise<void> {
    await this.table.put({ ...keys.detached(workspace, flowId, incarnation) });
  }

  async wasDetached({ workspace, flowId, incarnation }: FlowIdentity): Promise<boolean> {
    return (await this.table.get(keys.detached(workspace, flowId, incarnation))) !== undefined;
  }
}

const isOf = ({ workspace, flowId, incarnation }: FlowIdentity) => ({
  text: "workspace = :w AND flowId = :f AND incarnation = :i",
  values: { ":w": workspace, ":f": flowId, ":i": incarnation },
});
