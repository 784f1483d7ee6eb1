import type { Actor } from "../../model/actor.ts";
import { SluiceError } from "../../model/errors.ts";
import { iso } from "../../model/time/clock.ts";
import type { Attachment, FlowItem } from "../../store/flows/flow-item.ts";
import { type AttachDependencies, logFields } from "../deps.ts";
import { versionName } from "../flows/activate-version.ts";
import { changeFlow, type FlowRequest } from "../flows/change-flow.ts";
import { writtenVersion } from "../flows/drift.ts";
import { refuseUnfinishedRuns } from "../flows/open-runs.ts";
import { flowChanged, flowNotAttached } from "../refusals.ts";

/**
 * Puts the machine's own text back, and leaves its executions alone from then on. Throws `flow_has_open_runs`. The order breaks nobody:
 * (1) the intent, from which on gates make no new runs; (2) open runs are searched once more, since one may have begun meanwhile, and
 * the flow stays attached where there is one; (3) the note by which the gates of executions on their way let them pass from then on; (4) the
 * machine's text, unless somebody has replaced it; (5) the flow has no machine any more; (6) the machine may be attached elsewhere.
 * After a death the call is repeated and does what is left.
 */
export const detachFlow = async (
  deps: AttachDependencies,
  asked: FlowRequest & { readonly actor: Actor },
): Promise<FlowItem> => {
  const flow = await deps.flows.read(asked.workspace, asked.flowId);
  if (flow?.attachment?.detaching !== true && flow?.attachment !== undefined)
    await refuseUnfinishedRuns(deps.runIndex, flow);
  const { next: begun } = await changeFlow(deps, asked, (was) => {
    const { attachment } = was;
    if (attachment === undefined) throw flowNotAttached(was.flowId);
    if (attachment.detaching === true) return undefined;
    return { next: { ...was, attachment: { ...attachment, detaching: true } }, entries: [] };
  });
  const { attachment } = begun;
  if (attachment === undefined) throw flowNotAttached(begun.flowId);
  await refuseOrStay(deps, begun, attachment);
  await deps.attachments.noteDetached(begun);
  await restore(deps, begun, attachment);
  const detached = await unregister(deps, begun, asked.actor);
  await deps.attachments.release(attachment.machineArn, begun);
  return detached;
};

const refuseOrStay = async (
  deps: AttachDependencies,
  flow: FlowItem,
  { detaching: _intent, ...attachment }: Attachment,
): Promise<void> => {
  try {
    await refuseUnfinishedRuns(deps.runIndex, flow);
  } catch (error) {
    if (error instanceof SluiceError) await deps.flows.change(flow, { ...flow, attachment });
    throw error;
  }
};

/** Never puts an older text over a newer one of somebody else. */
const restore = async (deps: AttachDependencies, flow: FlowItem, attachment: Attachment): Promise<void> => {
  const { machineArn } = attachment;
  const machine = await deps.teamMachines.describe(machineArn);
  const version = machine && writtenVersion(attachment, machine.definition);
  const original = version === undefined ? undefined : await deps.versions.original(flow, version);
  if (original === undefined) deps.log.info("The machine has another text, which stays", logFields(flow));
  else await deps.teamMachines.update(machineArn, original);
};

const unregister = async (deps: AttachDependencies, begun: FlowItem, actor: Actor): Promise<FlowItem> => {
  const { workspace, flowId, incarnation } = begun;
  const { next } = await changeFlow(deps, { workspace, flowId, incarnation }, (was, now) => {
    const { attachment, ...rest } = was;
    if (attachment === undefined) return undefined;
    if (attachment.detaching !== true) throw flowChanged(was);
    const at = iso(now);
    const changed: FlowItem = { ...rest, version: 0, rev: was.rev + 1, updatedAt: at };
    const audit = { at, actor, action: "detach", rev: changed.rev };
    return { next: changed, entries: [{ ...audit, from: versionName(was.version), to: versionName(0) }] };
  });
  return next;
};
