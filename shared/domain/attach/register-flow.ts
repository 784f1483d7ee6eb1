import type { Substitutions } from "../../asl/source/substitutions.ts";
import { compileTemplate } from "../../asl/template.ts";
import type { Actor } from "../../model/actor.ts";
import { contentHash } from "../../model/ids.ts";
import type { JsonObject } from "../../model/json/json.ts";
import type { RegistrationValues } from "../../model/machines/registration.ts";
import { iso } from "../../model/time/clock.ts";
import type { FlowItem } from "../../store/flows/flow-item.ts";
import type { AttachDependencies } from "../deps.ts";
import { versionName } from "../flows/activate-version.ts";
import { retryOnConflict } from "../optimistic-write.ts";
import { attachRefused, flowChangesTooFast, flowIsBeingDeleted, invalidDefinition } from "../refusals.ts";
import { newAttachedFlow } from "./attach-flow.ts";
import { gateFunctions } from "./gate-functions.ts";
import { compiledRecord, planRecord } from "./plan-record.ts";

export interface RegisterRequest {
  readonly workspace: string;
  readonly flowId: string;
  readonly actor: Actor;
  /** JSON or YAML, or an object. It may have placeholders. */
  readonly definition: JsonObject | string;
  /** Values of its placeholders. Those that only the deployment knows stay open. */
  readonly substitutions?: Substitutions | undefined;
  readonly name?: string | undefined;
  readonly whenUnreachable?: "pass" | "fail" | undefined;
  /** The CloudFormation stack that registers. From then on, only this stack changes the flow's text. */
  readonly stack?: string | undefined;
}

export interface Registered {
  readonly flow: FlowItem;
  readonly version: number;
  /** Values of the placeholders in the compiled text. */
  readonly values: RegistrationValues;
  readonly warnings: readonly string[];
}

/** Versions among which the same text is looked for, so that a rollback gets its old version again. */
const LOOK_BACK = 100;

/**
 * Registers a version of a flow whose state machine a template deploys, before it does: gives the version its number and the values of
 * the compiled text's placeholders. Writes nothing into a machine. Throws `invalid_definition`, `attach_refused`. The order: (1) the
 * flow, without a version; (2) the version's number and texts; (3) the flow expects the version. After a death the call is repeated:
 * the same definition finds its version.
 */
export const registerFlow = (deps: AttachDependencies, request: RegisterRequest): Promise<Registered> =>
  retryOnConflict(deps, () => tryRegister(deps, request), flowChangesTooFast);

const tryRegister = async (
  deps: AttachDependencies,
  request: RegisterRequest,
): Promise<Registered | "conflict"> => {
  const { workspace, flowId, actor, stack, name } = request;
  const { definition, compiled, warnings, source, ...compilation } = compile(request);
  const existing = await deps.flows.read(workspace, flowId);
  refuseRegistration(existing, stack);
  const whenUnreachable = request.whenUnreachable ?? "pass";
  const flow = existing ?? newAttachedFlow(deps, request);
  const { record: planned, known } = await planRecord(deps, flow, {
    ...{ identity: [definition, whenUnreachable], lookBack: LOOK_BACK, actor },
  });
  const { version } = planned;
  const record = { ...planned, warnings, ...compiledRecord(compilation) };
  const values = valuesOf(deps, flow, version);

  if (existing === undefined && !(await deps.flows.create(flow))) return "conflict";
  if (!known && !(await deps.versions.reserve(flow, record))) return "conflict";
  await deps.versions.putText(flow, version, "user", definition);
  await deps.versions.putSource(flow, version, source);
  // A version that is bound already has the text of its machine.
  if (planned.machineVersionArn === undefined)
    await deps.versions.putText(flow, version, "compiled", compiled);

  const registration = { version, whenUnreachable, ...(stack === undefined ? {} : { stack }) };
  const isKnown = contentHash({ ...flow.registration }) === contentHash(registration);
  if (isKnown && (name === undefined || name === flow.name)) return { flow, version, values, warnings };
  const at = iso(deps.clock.now());
  const next: FlowItem = {
    ...{ ...flow, registration, runAs: "system", rev: flow.rev + 1, updatedAt: at },
    ...(name === undefined ? {} : { name }),
  };
  const entry = {
    ...{ at, actor, action: "register", rev: next.rev },
    ...{ from: versionName(flow.version), to: versionName(version) },
  };
  return (await deps.flows.change(flow, next, entry))
    ? { flow: next, version, values, warnings }
    : "conflict";
};

const refuseRegistration = (flow: FlowItem | undefined, stack: string | undefined): void => {
  if (flow === undefined) return;
  const { deleting, attachment, registration, version, flowId } = flow;
  if (deleting === true) throw flowIsBeingDeleted();
  if (attachment === undefined && registration === undefined && version > 0)
    throw attachRefused(
      `The flow ${flowId} is published to Sluice. Register another flow id, or delete the flow first.`,
    );
  if (attachment?.detaching === true)
    throw attachRefused(`The flow ${flowId} is being detached. Repeat the detach, then register again.`);
  refuseOtherStack(flow, stack);
};

/** A flow that a stack registered belongs to that stack. Throws `attach_refused`. */
export const refuseOtherStack = (
  { flowId, registration }: Pick<FlowItem, "flowId" | "registration">,
  stack: string | undefined,
): void => {
  if (registration?.stack === undefined || registration.stack === stack) return;
  throw attachRefused(
    `The flow ${flowId} belongs to the CloudFormation stack ${registration.stack}. Change it there, or remove it from that stack first.`,
  );
};

/** Throws `invalid_definition`, with the positions of a text. */
const compile = ({ definition, substitutions = {}, flowId, whenUnreachable = "pass" }: RegisterRequest) => {
  const isText = typeof definition === "string";
  const text = isText ? definition : JSON.stringify(definition, null, 2);
  const result = compileTemplate({ text, substitutions, flowId, whenUnreachable });
  if (result.ok) return { ...result, source: { text, substitutions } };
  throw invalidDefinition(
    isText ? result.errors : result.errors.map(({ path, message }) => ({ path, message })),
  );
};

const valuesOf = (
  deps: AttachDependencies,
  { workspace, incarnation }: FlowItem,
  version: number,
): RegistrationValues => {
  const { gate, park } = gateFunctions(deps, workspace);
  const [, SluicePartition = "aws"] = gate.split(":");
  return {
    SluiceIncarnation: incarnation,
    SluiceVersion: String(version),
    SluiceGate: functionName(gate),
    SluicePark: functionName(park),
    SluicePartition,
  };
};

const functionName = (arn: string): string => arn.split(":function:")[1] ?? arn;
