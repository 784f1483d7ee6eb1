import type { Actor } from "../../model/actor.ts";
import { SluiceError } from "../../model/errors.ts";
import { iso } from "../../model/time/clock.ts";
import type { Attachment, FlowItem } from "../../store/flows/flow-item.ts";
import { type DetachDependencies, logFields } from "../deps.ts";
import { versionName } from "../flows/activate-version.ts";
import { changeFlow, type FlowRequest, readRequestedFlow } from "../flows/change-flow.ts";
import { writtenVersion } from "../flows/drift.ts";
import { refuseUnfinishedRuns } from "../flows/open-runs.ts";
import { flowChanged, flowNotAttached } from "../refusals.ts";
import { checkAt, repairAt } from "./attachment-checks.ts";
import { moveAliasesBack } from "./move-aliases.ts";
import { refuseOtherStack } from "./register-flow.ts";

export interface DetachRequest extends FlowRequest {
  readonly actor: Actor;
  /** The CloudFormation stack that asks, which only it can for a flow that it has registered. */
  readonly stack?: string | undefined;
}

/**
 * Restores the machine's original definition, unless a template has written it, and leaves the machine's executions alone from then on.
 * Throws `flow_has_open_runs`. The order keeps every execution safe: (1) the intent, after which gates create no new runs; (2) a second
 * search for open runs, since one may have begun in the meantime: if there is one, the flow stays attached, and if there is none, the flow
 * stores that it is decided; (3) the note that lets executions on the way to a gate pass it; (4) the machine's definition, unless it has
 * been replaced, and the aliases that point to its gates; (5) the flow, which no longer has a machine; (6) the claim, so that the machine
 * can be attached elsewhere. If the process dies, the sweeper or a repetition of the call completes what is left.
 */
export const detachFlow = (deps: DetachDependencies, asked: DetachRequest): Promise<FlowItem> =>
  detach(deps, asked, restore);

/** The same for a flow whose machine has its definition from a template. Its caller has no permission to write a definition. */
export const unregisterFlow = (deps: DetachDependencies, asked: DetachRequest): Promise<FlowItem> =>
  detach(deps, asked, async () => undefined);

type Restore = (deps: DetachDependencies, flow: FlowItem, attachment: Attachment) => Promise<void>;

const detach = async (
  deps: DetachDependencies,
  asked: DetachRequest,
  putBack: Restore,
): Promise<FlowItem> => {
  const flow = await deps.flows.read(asked.workspace, asked.flowId);
  if (flow !== undefined) refuseOtherStack(flow, asked.stack);
  if (flow?.registration !== undefined && flow.attachment === undefined)
    return forgetRegistration(deps, asked);
  if (flow?.attachment?.detaching !== true && flow?.attachment !== undefined)
    await refuseUnfinishedRuns(deps.runIndex, flow);
  const { next: begun } = await changeFlow(deps, asked, (was) => {
    const { attachment } = was;
    if (attachment === undefined) throw flowNotAttached(was.flowId);
    if (attachment.detaching === true) return undefined;
    return {
      next: { ...was, attachment: { ...attachment, detaching: true, due: repairAt(deps) } },
      entries: [],
    };
  });
  return finishDetach(deps, begun, asked.actor, putBack);
};

/** Steps 2 to 6, of a flow that has the intent. */
export const finishDetach = async (
  deps: DetachDependencies,
  begun: FlowItem,
  actor: Actor,
  putBack: Restore,
): Promise<FlowItem> => {
  if (begun.attachment === undefined) throw flowNotAttached(begun.flowId);
  const decided = begun.attachment.restoring === true ? begun : await decide(deps, begun, begun.attachment);
  const { attachment } = decided;
  if (attachment === undefined) return decided;
  await deps.attachments.noteDetached(begun);
  if (attachment.registered !== true) await putBack(deps, begun, attachment);
  const detached = await unregister(deps, begun, actor);
  await deps.attachments.release(attachment.machineArn, begun);
  return detached;
};

/**
 * Searches for open runs and, without any, passes the point of no return: from then on, a detach that runs at the same time and finds a
 * run no longer takes the intent back. Returns the flow, which the other one may have detached already.
 */
const decide = async (
  deps: DetachDependencies,
  begun: FlowItem,
  attachment: Attachment,
): Promise<FlowItem> => {
  await refuseOrStay(deps, begun, attachment);
  const decided: FlowItem = { ...begun, attachment: { ...attachment, restoring: true, due: repairAt(deps) } };
  if (await deps.flows.change(begun, decided)) return decided;
  const now = await deps.flows.read(begun.workspace, begun.flowId);
  const isDetached = now?.attachment === undefined || now.attachment.restoring === true;
  if (now?.incarnation !== begun.incarnation || !isDetached) throw flowChanged(begun);
  return now;
};

const refuseOrStay = async (
  deps: DetachDependencies,
  flow: FlowItem,
  { detaching: _intent, ...attachment }: Attachment,
): Promise<void> => {
  try {
    await refuseUnfinishedRuns(deps.runIndex, flow);
  } catch (error) {
    if (error instanceof SluiceError)
      await deps.flows.change(flow, { ...flow, attachment: { ...attachment, due: checkAt(deps) } });
    throw error;
  }
};

/**
 * Writes the original definition again, and moves aliases back. Never overwrites a newer definition that somebody else has deployed.
 */
export const restore: Restore = async (deps, flow, attachment) => {
  const { machineArn } = attachment;
  const machine = await deps.teamMachines.describe(machineArn);
  const version = machine && writtenVersion(attachment, machine.definition);
  const original = version === undefined ? undefined : await deps.versions.original(flow, version);
  if (original === undefined)
    deps.log.info(
      "Left the state machine as it is, because its definition has been replaced",
      logFields(flow),
    );
  else await deps.teamMachines.update(machineArn, original);
  await moveAliasesBack(deps, flow, attachment);
};

const unregister = async (deps: DetachDependencies, begun: FlowItem, actor: Actor): Promise<FlowItem> => {
  const { workspace, flowId, incarnation } = begun;
  const { next } = await changeFlow(deps, { workspace, flowId, incarnation }, (was, now) => {
    const { attachment, registration: _expected, ...rest } = was;
    if (attachment === undefined) return undefined;
    if (attachment.detaching !== true) throw flowChanged(was);
    const at = iso(now);
    const changed: FlowItem = { ...rest, version: 0, rev: was.rev + 1, updatedAt: at };
    const audit = { at, actor, action: "detach", rev: changed.rev };
    return { next: changed, entries: [{ ...audit, from: versionName(was.version), to: versionName(0) }] };
  });
  return next;
};

/**
 * Withdraws a registration whose machine was not deployed, for example after a rollback. The note comes first: from then on, gates let
 * executions pass.
 */
export const forgetRegistration = async (
  deps: DetachDependencies,
  asked: DetachRequest,
): Promise<FlowItem> => {
  await deps.attachments.noteDetached(await readRequestedFlow(deps.flows, asked));
  const { next } = await changeFlow(deps, asked, (was, now) => {
    const { registration, ...rest } = was;
    if (registration === undefined) return undefined;
    refuseOtherStack(was, asked.stack);
    if (was.attachment?.registered === true) throw flowChanged(was);
    const at = iso(now);
    const changed: FlowItem = { ...rest, rev: was.rev + 1, updatedAt: at };
    const audit = { at, actor: asked.actor, action: "detach", rev: changed.rev };
    const from = versionName(registration.version);
    return { next: changed, entries: [{ ...audit, from, to: versionName(was.version) }] };
  });
  return next;
};
