import { flowSchema, flowVersionSchema } from "../schemas/flow.ts";
import { createdOr, DELETION, operations, pages, reading } from "./operation.ts";
import {
  attachSchema,
  bindSchema,
  pauseFlowSchema,
  publishSchema,
  putCapsSchema,
  putFlowSettingsSchema,
  putWorkspaceSchema,
  registerSchema,
  resumeFlowSchema,
} from "./requests.ts";
import {
  attachedSchema,
  auditPageSchema,
  flowsPageSchema,
  openApiSchema,
  publishedSchema,
  registeredSchema,
  versionsPageSchema,
  workspaceSchema,
} from "./responses.ts";

const theFlow = (description = "The flow") =>
  ({ 200: { description, schema: flowSchema, headers: ["ETag"] } }) as const;

const publishes = { tag: "Flows", permission: "publish" } as const;
const reads = { tag: "Flows", permission: "read-flows" } as const;
const holds = { tag: "Flows", permission: "hold-flows" } as const;

export const flowOperations = operations({
  getOpenApi: {
    summary: "Read this API description",
    tag: "Description",
    permission: "public",
    answers: { 200: { description: "OpenAPI 3.1", schema: openApiSchema } },
  },
  putWorkspace: {
    summary: "Create a workspace, or rename it and add administrators",
    tag: "Workspaces",
    permission: "manage-workspaces",
    body: putWorkspaceSchema,
    answers: createdOr("The workspace existed", "Created", workspaceSchema),
  },
  publishFlow: {
    summary: "Publish a version of a flow",
    ...publishes,
    body: publishSchema,
    answers: {
      200: { description: "A version of an existing flow", schema: publishedSchema, headers: ["ETag"] },
      201: { description: "The flow's first version", schema: publishedSchema, headers: ["ETag"] },
    },
    errors: ["invalid_definition", "flow_is_attached", "state_changed"],
  },
  listFlows: pages(reads, "List flows", "Flows by id", flowsPageSchema),
  getFlow: { summary: "Read a flow", ...reads, answers: theFlow() },
  deleteFlow: {
    summary: "Delete a flow that has no open runs",
    tag: "Flows",
    ...DELETION,
    errors: ["flow_has_open_runs", "flow_is_attached", "state_changed"],
  },
  listVersions: pages(reads, "List a flow's versions", "Versions, newest first", versionsPageSchema),
  getVersion: reading(reads, "Read a version with its definition", "The version", flowVersionSchema),
  activateVersion: {
    summary: "Activate a version, on which new runs start",
    ...publishes,
    requestHeader: "If-Match",
    emptyBody: true,
    answers: theFlow(),
    errors: ["flow_is_attached", "state_changed", "action_not_allowed"],
  },
  pauseFlow: {
    summary: "Pause a flow: runs stop at their next step, and new records are queued or rejected",
    ...holds,
    body: pauseFlowSchema,
    emptyBody: true,
    requestHeader: "If-Match",
    answers: theFlow("The paused flow"),
    errors: ["flow_drifted", "state_changed", "action_not_allowed"],
  },
  resumeFlow: {
    summary: "Lift a flow's holds; queued records start, oldest first",
    ...holds,
    body: resumeFlowSchema,
    emptyBody: true,
    requestHeader: "If-Match",
    answers: theFlow("The flow. A spend hold may keep it paused"),
    errors: ["state_changed", "spend_hold", "action_not_allowed"],
  },
  putCaps: {
    summary: "Set or remove a flow's caps",
    tag: "Flows",
    permission: "set-caps",
    body: putCapsSchema,
    requestHeader: "If-Match",
    answers: theFlow(),
    errors: ["state_changed"],
  },
  putFlowSettings: {
    summary: "Change the settings of a flow; omitted settings stay",
    ...publishes,
    body: putFlowSettingsSchema,
    requestHeader: "If-Match",
    answers: theFlow(),
    errors: ["flow_drifted", "flow_is_attached", "attach_refused", "action_not_allowed", "state_changed"],
  },
  attachFlow: {
    summary: "Attach a flow to a state machine of your own, so that each of its executions is a run",
    ...publishes,
    body: attachSchema,
    answers: {
      200: {
        description: "The attached flow, or the report of a dry run",
        schema: attachedSchema,
        headers: ["ETag"],
      },
    },
    errors: ["attach_refused", "grants_missing", "flow_is_attached", "state_changed"],
  },
  registerFlow: {
    summary: "Register the definition that a template is about to deploy with gates",
    ...publishes,
    body: registerSchema,
    answers: {
      200: {
        description: "The version and the values of its placeholders",
        schema: registeredSchema,
        headers: ["ETag"],
      },
    },
    errors: ["invalid_definition", "attach_refused", "state_changed"],
  },
  bindFlow: {
    summary: "Attach a registered flow to the state machine that its template has deployed",
    ...publishes,
    body: bindSchema,
    answers: theFlow("The attached flow"),
    errors: ["attach_refused", "grants_missing", "state_changed"],
  },
  detachFlow: {
    summary: "Detach a flow, and restore the original definition of its state machine",
    ...publishes,
    requestHeader: "If-Match",
    emptyBody: true,
    answers: theFlow("The flow, without a version"),
    errors: ["flow_has_open_runs", "action_not_allowed", "state_changed"],
  },
  listFlowAudit: pages(reads, "List the changes of a flow", "Changes, newest first", auditPageSchema),
});
