import { hasGatesOf, namesFlow } from "../../asl/gates/attached.ts";
import type { Actor } from "../../model/actor.ts";
import { contentHash } from "../../model/ids.ts";
import { iso } from "../../model/time/clock.ts";
import { KeyDenied } from "../../outbound/ports.ts";
import { type FlowItem, onVersion } from "../../store/flows/flow-item.ts";
import type { AttachDependencies } from "../deps.ts";
import { versionName } from "../flows/activate-version.ts";
import { readRequestedFlow } from "../flows/change-flow.ts";
import { parseDefinition } from "../flows/drift.ts";
import { relisted } from "../flows/held-steps/held-steps.ts";
import { retryOnConflict } from "../optimistic-write.ts";
import { attachRefused, flowChangesTooFast, grantsMissing } from "../refusals.ts";
import { encryptedReport, grantsReport, missingGrants } from "./attach-report.ts";
import { attachableMachine, claimMachine, otherOwner } from "./attachable-machine.ts";
import { checkAt } from "./attachment-checks.ts";
import { gateFunctions } from "./gate-functions.ts";
import { refuseOtherStack } from "./register-flow.ts";

export interface BindRequest {
  readonly workspace: string;
  readonly flowId: string;
  readonly actor: Actor;
  readonly stateMachineArn: string;
  /** Binds although the machine's role seems to lack permissions. */
  readonly force?: boolean | undefined;
  readonly stack?: string | undefined;
}

/**
 * Attaches a registered flow to the state machine that its template has deployed. Sluice never writes into that machine: its text must
 * have the gates of the registered version. Throws `attach_refused`, `grants_missing`. The order: (1) the machine is the flow's; (2)
 * the version has the machine's text; (3) the flow turns to machine and version; (4) a machine that it replaces may belong to another
 * flow. Until (3), gates let executions pass, as they do since the text was deployed; after a death the call is repeated.
 */
export const bindFlow = async (deps: AttachDependencies, request: BindRequest): Promise<FlowItem> => {
  try {
    return await retryOnConflict(deps, () => tryBind(deps, request), flowChangesTooFast);
  } catch (error) {
    throw error instanceof KeyDenied ? grantsMissing(encryptedReport(error)) : error;
  }
};

const tryBind = async (deps: AttachDependencies, request: BindRequest): Promise<FlowItem | "conflict"> => {
  const { workspace, flowId, stateMachineArn: machineArn, stack, actor, force } = request;
  const flow = await readRequestedFlow(deps.flows, { workspace, flowId });
  const machine = await attachableMachine(deps, workspace, machineArn);
  const { registration, attachment, incarnation } = flow;
  if (registration === undefined)
    throw attachRefused(`The flow ${flowId} is not registered. Register its definition, then deploy it.`);
  refuseOtherStack(flow, stack);
  await otherOwner(deps, machineArn, flow);
  const { version, whenUnreachable } = registration;
  const definition = parseDefinition(machine.definition);
  if (definition === undefined || !hasGatesOf(definition, { incarnation, version }))
    throw attachRefused(
      `The text of ${machineArn} does not have the gates of version ${version}, which was registered last. Deploy the compiled text with the values of that registration, then bind the machine again.`,
    );
  if (!namesFlow(definition, flowId))
    throw attachRefused(
      `The text of ${machineArn} was compiled for another flow, so its gates would fail every execution. Compile it with --flow ${flowId}, deploy it, then bind the machine again.`,
    );
  if (force !== true) {
    const missing = await missingGrants(deps, machine.roleArn, Object.values(gateFunctions(deps, workspace)));
    if (missing.length > 0) throw grantsMissing(grantsReport(missing));
  }

  const text = { version, hash: contentHash(definition) };
  const former = attachment?.machineArn === machineArn ? attachment.former : attachment?.machineArn;
  const bound = {
    ...{ machineArn, whenUnreachable, text, registered: true },
    ...(former === undefined ? {} : { former }),
  };
  const { due: _due, aliases: _moved, ...known } = attachment ?? {};
  if (contentHash(known) === contentHash(bound)) return flow;
  await claimMachine(deps, machineArn, flow);
  const { runAs } = flow;
  const record = (await deps.versions.read(flow, version)) ?? { runAs };
  await deps.versions.putText(flow, version, "compiled", definition);
  await deps.versions.finish(flow, version, machineArn);
  const at = iso(deps.clock.now());
  const next = await relisted(deps, {
    ...{ ...onVersion(flow, { ...record, version }), rev: flow.rev + 1, updatedAt: at },
    attachment: { ...bound, due: checkAt(deps) },
  });
  const entry = {
    ...{ at, actor, action: "attach", rev: next.rev },
    ...{ from: versionName(flow.version), to: versionName(version) },
  };
  if (!(await deps.flows.change(flow, next, entry))) return "conflict";
  if (attachment !== undefined && attachment.machineArn !== machineArn)
    await deps.attachments.release(attachment.machineArn, flow);
  return next;
};
