import { setTimeout } from "node:timers/promises";
import { inflateRawSync } from "node:zlib";
import middy from "@middy/core";
import type { Context } from "aws-lambda";
import * as z from "zod";
import { bindFlow } from "../../shared/domain/attach/bind-flow.ts";
import { forgetRegistration, unregisterFlow } from "../../shared/domain/attach/detach-flow.ts";
import { registerFlow } from "../../shared/domain/attach/register-flow.ts";
import { publishFlow } from "../../shared/domain/flows/publish-flow.ts";
import { readDefinition } from "../../shared/domain/flows/read-definition.ts";
import { holdForIncidents } from "../../shared/domain/incidents/place-hold.ts";
import type { Actor } from "../../shared/model/actor.ts";
import { bindSchema, publishSchema, registerSchema } from "../../shared/model/api/requests.ts";
import { SluiceError } from "../../shared/model/errors.ts";
import { cutText } from "../../shared/model/json/text.ts";
import { flowIdSchema } from "../../shared/model/schemas/flow.ts";
import type { AttachDependencies } from "../dependencies/attach-dependencies.ts";
import { aliasWorkspace } from "../middleware/task.ts";
import { addLogFields, observed } from "../telemetry/invocation.ts";

/**
 * The resources of CloudFormation templates. Two register a flow: the registration, before its state machine, and the binding, after it.
 * A third one is a flow that Sluice manages, which it publishes. The workspace is that of the alias by which CloudFormation calls.
 */
const text = z.string().min(1);
const defined = z.object({
  FlowId: flowIdSchema,
  Name: publishSchema.shape.name,
  Definition: text.optional(),
  /** The definition, compressed and in Base64: CloudFormation limits the size of an event. */
  DeflatedDefinition: text.optional(),
  Substitutions: publishSchema.shape.substitutions,
});
const registration = defined.extend({ WhenUnreachable: registerSchema.shape.whenUnreachable });
const managedFlow = defined.extend({
  Description: publishSchema.shape.description,
  RunAs: publishSchema.shape.runAs,
  /** CloudFormation sends booleans as text. */
  Activate: z.enum(["true", "false"]).default("true"),
});
const binding = z.object({
  FlowId: flowIdSchema,
  StateMachineArn: bindSchema.shape.stateMachineArn,
});

const resource = {
  RequestType: z.enum(["Create", "Update", "Delete"]),
  ResponseURL: z.url(),
  StackId: text,
  RequestId: text,
  LogicalResourceId: text,
  PhysicalResourceId: text.optional(),
};
const requestSchema = z.object({
  ...resource,
  ResourceType: text,
  ResourceProperties: z.unknown(),
});
type ResourceRequest = z.infer<typeof requestSchema>;

interface Answer {
  readonly Status: "SUCCESS" | "FAILED";
  readonly Reason?: string;
  readonly PhysicalResourceId: string;
  readonly Data?: Readonly<Record<string, string>>;
}

/** Sends CloudFormation its answer. Resolves when it has accepted it. */
export type SendAnswer = (url: string, body: string) => Promise<void>;

const MAX_DEFINITION_BYTES = 1024 * 1024;

const definitionIn = ({ Definition, DeflatedDefinition }: z.infer<typeof defined>): string => {
  if (Definition !== undefined) return Definition;
  if (DeflatedDefinition === undefined)
    throw invalidProperty("Definition", "The resource must have a Definition or a DeflatedDefinition");
  const packed = Buffer.from(DeflatedDefinition, "base64");
  try {
    return inflateRawSync(packed, { maxOutputLength: MAX_DEFINITION_BYTES }).toString("utf8");
  } catch {
    throw invalidProperty(
      "DeflatedDefinition",
      "DeflatedDefinition must be raw DEFLATE data in Base64, of a definition of at most 1 MiB",
    );
  }
};

const invalidProperty = (path: string, message: string): SluiceError =>
  new SluiceError("invalid_request", message, { errors: [{ path, message }] });

/** A change of the workspace or the flow makes it another resource, so CloudFormation deletes the previous one. */
const idOf = (kind: string, workspace: string, flow: string): string => `${workspace}/${flow}/${kind}`;

interface Caller {
  readonly workspace: string;
  readonly stack: string;
  readonly actor: Actor;
}

const register = async (deps: AttachDependencies, caller: Caller, properties: unknown): Promise<Answer> => {
  const given = registration.parse(properties);
  const { FlowId: id, Name: name, Substitutions: substitutions, WhenUnreachable: whenUnreachable } = given;
  const definition = definitionIn(given);
  const { values } = await registerFlow(deps, {
    ...{ ...caller, flowId: id, definition, substitutions, name, whenUnreachable },
  });
  await holdForIncidents(deps, { workspace: caller.workspace, flowId: id });
  return {
    Status: "SUCCESS",
    PhysicalResourceId: idOf("registration", caller.workspace, id),
    Data: values,
  };
};

const bind = async (deps: AttachDependencies, caller: Caller, properties: unknown): Promise<Answer> => {
  const { FlowId, StateMachineArn: stateMachineArn } = binding.parse(properties);
  await patiently(() => bindFlow(deps, { ...caller, flowId: FlowId, stateMachineArn }));
  await holdForIncidents(deps, { workspace: caller.workspace, flowId: FlowId });
  return { Status: "SUCCESS", PhysicalResourceId: idOf("binding", caller.workspace, FlowId) };
};

/**
 * Publishes a flow. The same definition publishes no new version, so a repeated call does no harm, and a rollback of the stack
 * publishes the earlier definition again.
 */
const publish = async (deps: AttachDependencies, caller: Caller, properties: unknown): Promise<Answer> => {
  const given = managedFlow.parse(properties);
  const { FlowId: id, Name: name, Description: description, RunAs: runAs } = given;
  const { version } = await publishFlow(deps, {
    ...{ workspace: caller.workspace, actor: caller.actor, flowId: id, name, description, runAs },
    definition: readDefinition(definitionIn(given), given.Substitutions),
    activate: given.Activate === "true",
  });
  await holdForIncidents(deps, { workspace: caller.workspace, flowId: id });
  return {
    Status: "SUCCESS",
    PhysicalResourceId: idOf("flow", caller.workspace, id),
    Data: { FlowId: id, Version: String(version) },
  };
};

const PROVIDERS: ReadonlyMap<string, typeof register> = new Map([
  ["Custom::SluiceRegistration", register],
  ["Custom::SluiceBinding", bind],
  ["Custom::SluiceFlow", publish],
]);

/** A role's new policy takes effect a few seconds after CloudFormation has created it. */
const TRIES = 5;
const PAUSE_MS = 4_000;

const patiently = async (work: () => Promise<unknown>): Promise<void> => {
  for (let attempt = 1; ; attempt++) {
    try {
      await work();
      return;
    } catch (error) {
      const isMissing = error instanceof SluiceError && error.code === "grants_missing";
      if (!isMissing || attempt === TRIES) throw error;
      await setTimeout(PAUSE_MS);
    }
  }
};

/**
 * Removes what the resource has created, if anything. A managed flow stays, with its runs. Nothing is left to remove if the resource was
 * never created, or if its flow now belongs to another stack.
 */
const remove = async (
  deps: AttachDependencies,
  caller: Caller,
  { ResourceType, PhysicalResourceId = "" }: ResourceRequest,
): Promise<Answer> => {
  const [workspace, id = ""] = PhysicalResourceId.split("/");
  const done: Answer = { Status: "SUCCESS", PhysicalResourceId };
  if (workspace !== caller.workspace || ResourceType === "Custom::SluiceFlow") return done;
  const flow = await deps.flows.read(workspace, id);
  if (flow?.registration === undefined || flow.registration.stack !== caller.stack) return done;
  const asked = { workspace, flowId: id, actor: caller.actor, stack: caller.stack };
  if (flow.attachment?.registered === true) await unregisterFlow(deps, asked);
  else if (ResourceType === "Custom::SluiceRegistration") await forgetRegistration(deps, asked);
  return done;
};

const answerTo = async (
  deps: AttachDependencies,
  caller: Caller,
  request: ResourceRequest,
): Promise<Answer> => {
  const { RequestType, ResourceType, ResourceProperties } = request;
  if (RequestType === "Delete") return remove(deps, caller, request);
  const provide = PROVIDERS.get(ResourceType);
  if (provide === undefined)
    throw invalidProperty(
      "ResourceType",
      `Sluice has no resource of the type ${ResourceType}. It has ${[...PROVIDERS.keys()].join(", ")}. If your package "sluice" is newer than the deployment, update the deployment first.`,
    );
  return provide(deps, caller, ResourceProperties);
};

/** CloudFormation refuses an answer of more than 4,096 bytes. A character takes up to six of them in JSON. */
const MAX_REASON = 500;

const reasonOf = (error: unknown): string => {
  if (error instanceof z.ZodError)
    return error.issues.map(({ path, message }) => `${path.join(".")}: ${message}`).join("; ");
  return error instanceof SluiceError
    ? error.message
    : "Sluice failed to do this. The log of its function sluice-register has the error.";
};

/**
 * Creates the handler of the resources. It always answers, since CloudFormation waits an hour for an answer. If the process dies before it
 * has answered, Lambda calls again; registering, binding and publishing can be repeated.
 */
export const createTemplateResourceHandler = (deps: AttachDependencies, send: SendAnswer = put) => {
  const chain = middy<unknown, void>({ timeoutEarlyInMillis: 0 }).handler(
    async (event: unknown, context: Context) => {
      const request = requestSchema.parse(event);
      const { StackId, RequestId, LogicalResourceId, PhysicalResourceId, ResponseURL } = request;
      const workspace = aliasWorkspace(context);
      addLogFields({ workspace, stack: StackId, resource: LogicalResourceId });
      let answer: Answer;
      try {
        if (workspace === undefined) throw new SluiceError("forbidden", NO_WORKSPACE);
        const actor: Actor = { kind: "client", id: nameOf(StackId) };
        answer = await answerTo(deps, { workspace, stack: StackId, actor }, request);
      } catch (error) {
        const code =
          error instanceof z.ZodError ? "invalid_request" : error instanceof SluiceError && error.code;
        // The message may quote the definition.
        if (code !== false) deps.log.info("A template's resource was refused", { code });
        else deps.log.error("A template's resource failed", { error: error as Error });
        // The id of a resource that was never created. CloudFormation deletes it next, which finds nothing.
        const id = PhysicalResourceId ?? `${workspace ?? "none"}//${RequestId}`;
        const Reason = cutText(reasonOf(error), MAX_REASON);
        answer = { Status: "FAILED", Reason, PhysicalResourceId: id };
      }
      await send(ResponseURL, JSON.stringify({ ...answer, StackId, RequestId, LogicalResourceId }));
    },
  );
  type Handler = (event: unknown, context: Context) => Promise<void>;
  return observed(chain as unknown as Handler, deps.publishMetrics);
};

const NO_WORKSPACE =
  "Use the alias of a workspace as the ServiceToken: …:function:sluice-register:ws-<workspace>.";

/** The name of a stack, for people: `arn:…:stack/orders/<id>`. */
const nameOf = (stackId: string): string => stackId.split("/")[1] ?? stackId;

/** CloudFormation signs the address, and accepts no content type. */
const put: SendAnswer = async (url, body) => {
  const answer = await fetch(url, { method: "PUT", body, headers: { "content-type": "" } });
  if (!answer.ok) throw new Error(`CloudFormation answered ${answer.status}`);
};
