import { SYSTEM } from "../../model/actor.ts";
import { SluiceError } from "../../model/errors.ts";
import { iso } from "../../model/time/clock.ts";
import { KeyDenied, type TeamMachine } from "../../outbound/ports.ts";
import { type Attachment, type FlowItem, onVersion } from "../../store/flows/flow-item.ts";
import { checkAt } from "../attach/attachment-checks.ts";
import { finishDetach, restore } from "../attach/detach-flow.ts";
import { moveAliases, moveAliasesBack } from "../attach/move-aliases.ts";
import { type DetachDependencies, logFields } from "../deps.ts";
import { versionName } from "../flows/activate-version.ts";
import { hasDrifted, writtenVersion } from "../flows/drift.ts";
import { relisted } from "../flows/held-steps/held-steps.ts";

/**
 * Repairs an attach or a detach whose process died, and otherwise looks whether the machine still has the definition that was written. A
 * detach is completed. An attach is completed if its gates are in the machine, and undone if they are not: only its caller writes them.
 * The next check is written first, so that a failed repair is repeated.
 */
export const sweepAttachment = async (
  deps: DetachDependencies,
  flow: FlowItem,
  attachment: Attachment,
): Promise<void> => {
  if (!(await deps.flows.rescheduleAttachment(flow, checkAt(deps)))) return;
  if (attachment.detaching === true) return completeDetach(deps, flow);
  if (attachment.text !== undefined && attachment.writing === undefined) {
    if (await hasDrifted(deps, flow)) noteDrift(deps, flow);
    return;
  }
  const machine = await described(deps, attachment);
  if (machine === "unreadable") return;
  const version = machine && writtenVersion(attachment, machine.definition);
  if (version !== undefined && version === attachment.writing?.version)
    return completeAttach(deps, flow, attachment);
  await undoAttach(deps, flow, attachment);
};

const described = async (
  deps: DetachDependencies,
  { machineArn }: Attachment,
): Promise<TeamMachine | undefined | "unreadable"> => {
  try {
    return await deps.teamMachines.describe(machineArn);
  } catch (error) {
    if (error instanceof KeyDenied) return "unreadable";
    throw error;
  }
};

const noteDrift = (deps: DetachDependencies, flow: FlowItem): void => {
  deps.metrics.count("flowsDrifted");
  deps.log.warn("The machine no longer has the definition with gates", logFields(flow));
};

const completeDetach = async (deps: DetachDependencies, flow: FlowItem): Promise<void> => {
  try {
    await finishDetach(deps, flow, SYSTEM, restore);
    deps.metrics.count("attachmentsRepaired");
  } catch (error) {
    // The flow has runs again, and stays attached.
    if (!(error instanceof SluiceError)) throw error;
  }
};

const completeAttach = async (
  deps: DetachDependencies,
  flow: FlowItem,
  attachment: Attachment,
): Promise<void> => {
  const { writing, machineArn, ...rest } = attachment;
  if (writing === undefined) return;
  const record = await deps.versions.read(flow, writing.version);
  if (record?.machineVersionArn === undefined) await deps.versions.finish(flow, writing.version, machineArn);
  await moveAliases(deps, attachment, writing.version);
  const now = iso(deps.clock.now());
  const next = await relisted(deps, {
    ...onVersion(flow, record ?? { ...flow, version: writing.version }),
    ...{ updatedAt: now, rev: flow.rev + 1 },
    attachment: { ...rest, machineArn, text: writing, due: checkAt(deps) },
  });
  const audit = { at: now, actor: SYSTEM, action: "attach", rev: next.rev };
  const entry = { ...audit, from: versionName(flow.version), to: versionName(writing.version) };
  if (await deps.flows.change(flow, next, entry)) deps.metrics.count("attachmentsRepaired");
};

const undoAttach = async (
  deps: DetachDependencies,
  flow: FlowItem,
  attachment: Attachment,
): Promise<void> => {
  const { writing: _undone, ...rest } = attachment;
  const { attachment: _gone, ...alone } = flow;
  const before: FlowItem =
    attachment.text === undefined ? alone : { ...flow, attachment: { ...rest, due: checkAt(deps) } };
  if (attachment.text === undefined) await moveAliasesBack(deps, flow, attachment);
  if (!(await deps.flows.change(flow, before))) return;
  deps.metrics.count("attachmentsRepaired");
  if (attachment.text === undefined) await deps.attachments.release(attachment.machineArn, flow);
};
