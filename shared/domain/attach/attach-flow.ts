import { type Compilation, compileFlow } from "../../asl/compile.ts";
import type { Actor } from "../../model/actor.ts";
import type { AttachReport } from "../../model/errors.ts";
import { contentHash } from "../../model/ids.ts";
import type { JsonObject } from "../../model/json/json.ts";
import { iso } from "../../model/time/clock.ts";
import { KeyDenied } from "../../outbound/ports.ts";
import { type FlowItem, onVersion } from "../../store/flows/flow-item.ts";
import type { VersionItem } from "../../store/flows/versions.ts";
import type { AttachDependencies } from "../deps.ts";
import { versionName } from "../flows/activate-version.ts";
import { parseDefinition, writtenVersion } from "../flows/drift.ts";
import { relisted } from "../flows/held-steps/held-steps.ts";
import { retryOnConflict } from "../optimistic-write.ts";
import {
  attachRefused,
  flowChangesTooFast,
  flowIsAttached,
  flowIsBeingDeleted,
  grantsMissing,
} from "../refusals.ts";
import { attachReport, encryptedReport } from "./attach-report.ts";
import { attachableMachine, claimMachine, otherOwner } from "./attachable-machine.ts";
import { checkAt, repairAt } from "./attachment-checks.ts";
import { gateFunctions } from "./gate-functions.ts";
import { type AliasPlan, moveAliases, planAliases, recordsOf } from "./move-aliases.ts";
import { compiledRecord, planRecord } from "./plan-record.ts";

export interface AttachRequest {
  readonly workspace: string;
  readonly flowId: string;
  readonly actor: Actor;
  readonly stateMachineArn: string;
  readonly name?: string | undefined;
  /** Names of the machine's aliases that move to a version with gates. */
  readonly aliases?: readonly string[] | undefined;
  readonly whenUnreachable?: "pass" | "fail" | undefined;
  readonly dryRun?: boolean | undefined;
  /** Attaches although the machine's role seems to lack permissions. */
  readonly force?: boolean | undefined;
}

export interface Attached {
  /** Absent after a dry run for a flow that does not exist. */
  readonly flow?: FlowItem;
  readonly version?: number;
  readonly report: AttachReport;
}

/**
 * Attaches a flow to another team's state machine: compiles the machine's definition and writes the result into the machine. Throws
 * `attach_refused`, `grants_missing`, `flow_is_attached`. A repeated call continues where an earlier one died. If the definition has been
 * replaced since, it attaches the new one.
 */
export const attachFlow = async (deps: AttachDependencies, request: AttachRequest): Promise<Attached> => {
  try {
    return await retryOnConflict(deps, () => tryAttach(deps, request), flowChangesTooFast);
  } catch (error) {
    if (!(error instanceof KeyDenied)) throw error;
    const report = encryptedReport(error);
    if (request.dryRun === true) return { report };
    throw grantsMissing(report);
  }
};

const tryAttach = async (
  deps: AttachDependencies,
  request: AttachRequest,
): Promise<Attached | "conflict"> => {
  const plan = await planAttachment(deps, request);
  const { existing, record, report } = plan;
  if (request.dryRun === true)
    return { ...(existing === undefined ? {} : { flow: existing, version: existing.version }), report };
  refuse(plan, request);
  if (isDone(plan)) return { flow: plan.flow, version: record.version, report };
  const flow = await write(deps, plan, request);
  return flow === "conflict" ? flow : { flow, version: record.version, report };
};

interface Plan {
  readonly existing: FlowItem | undefined;
  /** The flow as it is, or as it will be created. */
  readonly flow: FlowItem;
  readonly machineArn: string;
  readonly whenUnreachable: "pass" | "fail";
  /** The machine's definition as it was read. */
  readonly found: string;
  /** The flow version whose gates that definition contains, if any. */
  readonly installed: number | undefined;
  /** The definition without gates, byte for byte. */
  readonly original: string;
  readonly definition: JsonObject;
  readonly record: VersionItem;
  /** The record is stored already. */
  readonly known: boolean;
  readonly compilation: Compilation;
  readonly aliases: readonly AliasPlan[];
  readonly report: AttachReport;
}

/** Reads and compiles; writes nothing. */
const planAttachment = async (deps: AttachDependencies, request: AttachRequest): Promise<Plan> => {
  const { workspace, flowId, stateMachineArn: machineArn } = request;
  const machine = await attachableMachine(deps, workspace, machineArn);
  const existing = await deps.flows.read(workspace, flowId);
  const flow = existing ?? newAttachedFlow(deps, request);
  refuseFlow(existing, machineArn);
  await otherOwner(deps, machineArn, flow);

  const installed = writtenVersion(flow.attachment, machine.definition);
  const original =
    installed === undefined ? machine.definition : await deps.versions.original(flow, installed);
  const definition = original === undefined ? undefined : parseDefinition(original);
  if (original === undefined || definition === undefined)
    throw attachRefused("The state machine's definition is not a JSON object.");
  const whenUnreachable = request.whenUnreachable ?? flow.attachment?.whenUnreachable ?? "pass";
  const { record: planned, known } = await planRecord(deps, flow, {
    ...{ identity: [definition, whenUnreachable], lookBack: 1, actor: request.actor },
  });
  const { version } = planned;
  const aliases = await planAliases(deps, {
    ...{ machineArn, version, names: request.aliases ?? [], moved: flow.attachment?.aliases ?? [] },
    original: contentHash(definition),
  });
  const gates = gateFunctions(deps, workspace);
  const { incarnation } = flow;
  const compilation = compileFlow({
    definition,
    constants: { workspace, flowId, incarnation, version },
    functions: { ...gates, humanStep: "", continueAsNew: "" },
    attached: { whenUnreachable },
  });
  const { roleArn } = machine;
  const functions = Object.values(gates);
  const report = await attachReport(deps, { machineArn, roleArn, definition, compilation, functions });
  const { warnings } = report;
  const record = { ...planned, warnings, ...(compilation.ok ? compiledRecord(compilation) : {}) };
  return {
    ...{ existing, flow, machineArn, whenUnreachable, found: machine.definition, installed },
    ...{ original, definition, record, known, compilation, aliases, report },
  };
};

const refuseFlow = (existing: FlowItem | undefined, machineArn: string): void => {
  if (existing === undefined) return;
  if (existing.deleting === true) throw flowIsBeingDeleted();
  const { attachment, registration, flowId, version } = existing;
  if (registration !== undefined)
    throw attachRefused(
      `The text of the flow ${flowId} comes from a template. Deploy the template again, or detach the flow first.`,
    );
  if (attachment === undefined && version > 0)
    throw attachRefused(
      `The flow ${flowId} is a managed flow. Attach the state machine to another flow id, or delete the flow first.`,
    );
  if (attachment?.detaching === true)
    throw attachRefused(`The flow ${flowId} is being detached. Detach it again to finish, then attach it.`);
  if (attachment !== undefined && attachment.machineArn !== machineArn) throw flowIsAttached(existing);
};

const refuse = ({ report }: Plan, { force }: AttachRequest): void => {
  const [first] = report.unsupported;
  if (first !== undefined)
    throw attachRefused(
      `The state machine's definition cannot have gates. ${first.path === "" ? "" : `${first.path}: `}${first.message}`,
      report,
    );
  if (report.missingGrants.length > 0 && force !== true) throw grantsMissing(report);
};

/** Returns a flow that has no version and no machine yet. */
export const newAttachedFlow = (
  deps: Pick<AttachDependencies, "clock" | "ids">,
  { workspace, flowId, name }: Pick<AttachRequest, "workspace" | "flowId" | "name">,
): FlowItem => {
  const now = iso(deps.clock.now());
  return {
    ...{ workspace, flowId, incarnation: deps.ids.unique(), name: name ?? flowId, description: "" },
    ...{ runAs: "system", version: 0, rev: 0, epoch: 0, mode: "queue", holds: {}, caps: {} },
    ...{ createdAt: now, updatedAt: now },
  };
};

/** Whether the machine, its aliases and the flow already have the version. */
const isDone = ({ existing, record, installed, aliases }: Plan): boolean => {
  const { version } = record;
  const { attachment } = existing ?? {};
  if (aliases.some(({ isOpen }) => isOpen)) return false;
  return installed === version && attachment?.text?.version === version && attachment.writing === undefined;
};

/**
 * Writes the definition with gates, in an order that never leaves gates in a machine that no flow knows: (1) the claim on the machine;
 * (2) the flow with the machine, so that an execution that reaches a gate finds it; (3) the version with the original definition; (4) the
 * intent to write its gates; (5) the machine, if its definition is still the one that was read, and then its aliases, after the flow has
 * stored where they point; (6) the version becomes usable and active.
 * If the process dies, the sweeper completes or undoes what is left, or the call is repeated: the intent's hash identifies what was written,
 * and the original is stored before that.
 */
const write = async (
  deps: AttachDependencies,
  plan: Plan,
  { actor, name }: AttachRequest,
): Promise<FlowItem | "conflict"> => {
  const { existing, flow, machineArn, whenUnreachable, record, compilation, original, definition } = plan;
  const { version } = record;
  if (!compilation.ok) throw new Error("A definition with errors was refused earlier");
  await claimMachine(deps, machineArn, flow);
  const due = repairAt(deps);
  const bound = { ...flow, attachment: { ...flow.attachment, machineArn, whenUnreachable, due } };
  if (existing === undefined && !(await deps.flows.create(bound))) return "conflict";
  if (!plan.known && !(await deps.versions.reserve(flow, record))) return "conflict";
  await deps.versions.putOriginal(flow, version, original);
  await deps.versions.putText(flow, version, "user", definition);
  await deps.versions.putText(flow, version, "compiled", compilation.compiled);

  const hash = contentHash(compilation.compiled);
  const intended: Attaching = {
    ...{ ...bound, runAs: "system" },
    attachment: { ...bound.attachment, writing: { version, hash }, due: repairAt(deps) },
  };
  if (!(await deps.flows.change(existing ?? bound, intended))) return "conflict";
  if ((await deps.teamMachines.describe(machineArn))?.definition !== plan.found) return "conflict";
  const text = JSON.stringify(compilation.compiled);
  const written = await writeMachine(deps, plan, intended, text);
  if (written === "conflict") return "conflict";

  if (record.machineVersionArn === undefined) await deps.versions.finish(flow, version, machineArn);
  const now = iso(deps.clock.now());
  const next = await relisted(deps, {
    ...{ ...onVersion(intended, record), updatedAt: now, rev: flow.rev + 1 },
    ...(name === undefined ? {} : { name }),
    attachment: {
      ...{ machineArn, whenUnreachable, text: { version, hash }, due: checkAt(deps) },
      ...(written.attachment.aliases === undefined ? {} : { aliases: written.attachment.aliases }),
    },
  });
  const audit = { at: now, actor, action: "attach", rev: next.rev };
  const entry = { ...audit, from: versionName(flow.version), to: versionName(version) };
  return (await deps.flows.change(written, next, entry)) ? next : "conflict";
};

type Attaching = FlowItem & Required<Pick<FlowItem, "attachment">>;

/**
 * Writes the definition into the machine. If aliases move, the definition becomes a version in that same call, and the flow stores where
 * the aliases point before they move. Returns the flow with what it has stored.
 */
const writeMachine = async (
  deps: AttachDependencies,
  { machineArn, installed, record: { version }, aliases }: Plan,
  intended: Attaching,
  text: string,
): Promise<Attaching | "conflict"> => {
  const moves = aliases.some((plan) => plan.moves && plan.isOpen);
  if (!moves && installed !== version) await deps.teamMachines.update(machineArn, text);
  if (aliases.length === 0) return intended;
  const published = moves ? await deps.teamMachines.publish(machineArn, text) : undefined;
  const records = recordsOf(aliases, published, version);
  const next = { ...intended, attachment: { ...intended.attachment, aliases: records } };
  if (!(await deps.flows.change(intended, next))) return "conflict";
  return (await moveAliases(deps, next.attachment, version)) ? next : "conflict";
};
