import { flowSchema, flowVersionSchema } from "../schemas/flow.ts";
import { createdOr, DELETION, operation, pages } from "./operation.ts";
import {
  pauseFlowSchema,
  publishSchema,
  putCapsSchema,
  putWorkspaceSchema,
  resumeFlowSchema,
} from "./requests.ts";
import {
  auditPageSchema,
  flowsPageSchema,
  openApiSchema,
  publishedSchema,
  versionsPageSchema,
  workspaceSchema,
} from "./responses.ts";

const theFlow = (description = "The flow") =>
  ({ 200: { description, schema: flowSchema, headers: ["ETag"] } }) as const;

export const flowOperations = {
  getOpenApi: operation("getOpenApi", {
    summary: "Read this API description",
    tag: "Description",
    permission: "public",
    answers: { 200: { description: "OpenAPI 3.1", schema: openApiSchema } },
  }),
  putWorkspace: operation("putWorkspace", {
    summary: "Create a workspace, or rename it and add administrators",
    tag: "Workspaces",
    permission: "manage-workspaces",
    body: putWorkspaceSchema,
    answers: createdOr("The workspace existed", "Created", workspaceSchema),
  }),
  publishFlow: operation("publishFlow", {
    summary: "Publish a version of a flow",
    tag: "Flows",
    permission: "publish",
    body: publishSchema,
    answers: {
      200: { description: "A version of a flow that existed", schema: publishedSchema, headers: ["ETag"] },
      201: { description: "The flow's first version", schema: publishedSchema, headers: ["ETag"] },
    },
    errors: ["invalid_definition", "state_changed"],
  }),
  listFlows: operation("listFlows", {
    summary: "List flows",
    tag: "Flows",
    permission: "read-flows",
    ...pages("Flows by id", flowsPageSchema),
  }),
  getFlow: operation("getFlow", {
    summary: "Read a flow",
    tag: "Flows",
    permission: "read-flows",
    answers: theFlow(),
  }),
  deleteFlow: operation("deleteFlow", {
    summary: "Delete a flow that has no open runs",
    tag: "Flows",
    ...DELETION,
    errors: ["flow_has_open_runs", "state_changed"],
  }),
  listVersions: operation("listVersions", {
    summary: "List a flow's versions",
    tag: "Flows",
    permission: "read-flows",
    ...pages("Versions, newest first", versionsPageSchema),
  }),
  getVersion: operation("getVersion", {
    summary: "Read a version with its definition",
    tag: "Flows",
    permission: "read-flows",
    answers: { 200: { description: "The version", schema: flowVersionSchema } },
  }),
  activateVersion: operation("activateVersion", {
    summary: "Activate a version, on which new runs start",
    tag: "Flows",
    permission: "publish",
    requestHeader: "If-Match",
    emptyBody: true,
    answers: theFlow(),
    errors: ["state_changed", "action_not_allowed"],
  }),
  pauseFlow: operation("pauseFlow", {
    summary: "Pause a flow: runs stop at their next step, and new records are queued or rejected",
    tag: "Flows",
    permission: "hold-flows",
    body: pauseFlowSchema,
    emptyBody: true,
    requestHeader: "If-Match",
    answers: theFlow("The paused flow"),
    errors: ["state_changed", "action_not_allowed"],
  }),
  resumeFlow: operation("resumeFlow", {
    summary: "Lift a flow's holds; queued records start, oldest first",
    tag: "Flows",
    permission: "hold-flows",
    body: resumeFlowSchema,
    emptyBody: true,
    requestHeader: "If-Match",
    answers: theFlow("The flow. A spend hold may keep it paused"),
    errors: ["state_changed", "spend_hold", "action_not_allowed"],
  }),
  putCaps: operation("putCaps", {
    summary: "Set or remove a flow's caps",
    tag: "Flows",
    permission: "set-caps",
    body: putCapsSchema,
    requestHeader: "If-Match",
    answers: theFlow(),
    errors: ["state_changed"],
  }),
  listFlowAudit: operation("listFlowAudit", {
    summary: "List the changes of a flow",
    tag: "Flows",
    permission: "read-flows",
    ...pages("Changes, newest first", auditPageSchema),
  }),
} as const;
