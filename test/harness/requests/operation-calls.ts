import { operations } from "../../../shared/model/api/openapi.ts";
import type { Operation } from "../../../shared/model/api/operation.ts";

/** Values of a call's path parameters. */
export type Ids = Readonly<Record<string, string>>;

/** An id with a valid format that no resource has. */
export const NOTHING = "00000000-0000-7000-8000-000000000000";

/** Parameters of an operation's path, except the workspace. */
export const parametersOf = ({ path }: Pick<Operation, "path">): string[] =>
  [...path.matchAll(/\{(\w+)\}/g)].map((match) => match[1] ?? "").filter((name) => name !== "workspace");

/** The operation's path in a workspace. A parameter that is missing in `ids` names a resource that does not exist. */
export const pathOf = ({ path }: Pick<Operation, "path">, workspace: string, ids: Ids): string =>
  path.replace(/\{(\w+)\}/g, (_match, name: string) =>
    name === "workspace" ? workspace : encodeURIComponent(ids[name] ?? NOTHING),
  );

/** Everything that requires a token. */
export const closedOperations = operations.filter(({ permission }) => permission !== "public");

/** Bodies that the named operations accept. All others accept `{}`, or nothing. */
const BODIES: Readonly<Record<string, unknown>> = {
  dispatchRun: { payload: 1 },
  dispatchBatch: { records: [{ payload: 1 }] },
  startBulkOperation: { action: "cancel", filter: { flowId: "none" } },
  putTrigger: { schedule: "rate(1 day)", whileHeld: "queue" },
  assignStep: { assignees: ["nobody"] },
  completeStep: { decision: "approved" },
  openIncident: { title: "A test", resources: ["no-such-queue"] },
  noteIncident: { text: "A note" },
  bindFlow: { stateMachineArn: "arn:aws:states:us-east-1:000000000000:stateMachine:none" },
};
export const goodBody = ({ id, method }: Operation): unknown =>
  method === "GET" || method === "DELETE" ? undefined : (BODIES[id] ?? {});
/** No operation accepts it. */
export const badBody = ({ method }: Operation): unknown =>
  method === "GET" || method === "DELETE" ? undefined : { "no such field": true };
