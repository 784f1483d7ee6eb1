import { keys } from "../keys.ts";
import { TableStore } from "../table-store.ts";
import type { Attachment, FlowIdentity, FlowItem } from "./flow-item.ts";

/** Whether executions of the machine become runs: its text may have gates, and is not about to lose them. */
export const isRegistered = (attachment: Attachment | undefined): boolean =>
  attachment !== undefined && attachment.detaching !== true;

const MACHINE_ARN = /:stateMachine:([^:]+)$/;

/** The name of the machine on which a flow's executions run, if somebody else owns it. */
export const attachedMachine = ({ attachment }: Pick<FlowItem, "attachment">): string | undefined =>
  attachment === undefined ? undefined : MACHINE_ARN.exec(attachment.machineArn)?.[1];

/** Which flow a state machine of somebody else belongs to, and which flows were attached once. */
export class AttachmentStore extends TableStore {
  async ownerOf(machineArn: string): Promise<FlowIdentity | undefined> {
    const item = await this.table.get(keys.attachedMachine(machineArn));
    if (item === undefined) return undefined;
    const { workspace, flowId, incarnation } = item;
    return { workspace: String(workspace), flowId: String(flowId), incarnation: String(incarnation) };
  }

  /** Gives the machine to the flow, in place of `before`. Returns false where another flow has it by now. */
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

  /** Takes the machine from the flow, if it has it. */
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
