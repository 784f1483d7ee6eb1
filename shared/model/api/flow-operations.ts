import type { z } from "zod";
import type { ErrorCode } from "../errors.ts";
import { flowHealthSchema, flowSchema, flowVersionSchema } from "../schemas/flow.ts";
import { slotsSchema } from "../schemas/slots.ts";
import { pauseFlowSchema, putCapsSchema, resumeFlowSchema } from "./hold-requests.ts";
import { createdOr, DELETION, operations, pages, reading, tagged } from "./operation.ts";
import {
  attachSchema,
  bindSchema,
  publishSchema,
  putFlowSettingsSchema,
  putWorkspaceSchema,
  registerSchema,
} from "./requests.ts";
import {
  attachedSchema,
  auditPageSchema,
  flowsPageSchema,
  openApiSchema,
  pausedSchema,
  publishedSchema,
  registeredSchema,
  versionsPageSchema,
  workspaceSchema,
} from "./responses.ts";

const theFlow = (description = "The flow") =>
  ({ 200: { description, schema: flowSchema, headers: ["ETag"] } }) as const;

const flows = tagged("Flows");

/** Defines an operation that places or lifts a flow's holds. */
const hold = <Body extends z.ZodType>(
  summary: string,
  body: Body,
  description: string,
  errors: readonly ErrorCode[],
) =>
  ({
    ...{ summary, body, errors },
    ...flows("hold-flows"),
    emptyBody: true,
    requestHeader: "If-Match",
    answers: theFlow(description),
  }) as const;

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
    ...flows("publish"),
    body: publishSchema,
    answers: {
      200: { description: "A version of an existing flow", schema: publishedSchema, headers: ["ETag"] },
      201: { description: "The flow's first version", schema: publishedSchema, headers: ["ETag"] },
    },
    errors: ["invalid_definition", "flow_is_attached", "state_changed"],
  },
  listFlows: pages(flows("read-flows"), "List flows", "Flows by id", flowsPageSchema),
  getFlow: { summary: "Read a flow", ...flows("read-flows"), answers: theFlow() },
  deleteFlow: {
    summary: "Delete a flow that has no open runs",
    tag: "Flows",
    ...DELETION,
    errors: ["flow_has_open_runs", "flow_is_attached", "state_changed"],
  },
  listVersions: pages(
    flows("read-flows"),
    "List a flow's versions",
    "Versions, newest first",
    versionsPageSchema,
  ),
  getVersion: reading(
    flows("read-flows"),
    "Read a version with its definition",
    "The version",
    flowVersionSchema,
  ),
  activateVersion: {
    summary: "Activate a version, on which new runs start",
    ...flows("publish"),
    requestHeader: "If-Match",
    emptyBody: true,
    answers: theFlow(),
    errors: ["flow_is_attached", "state_changed", "action_not_allowed"],
  },
  pauseFlow: {
    ...hold(
      "Pause a flow: runs stop at their next step, and new records are queued or rejected",
      pauseFlowSchema,
      "The paused flow",
      ["flow_drifted", "state_changed", "action_not_allowed"],
    ),
    dryRunPermission: "read-flows",
    answers: {
      200: {
        description: "The paused flow, or the preview of a dry run",
        schema: pausedSchema,
        headers: ["ETag"],
      },
    },
  },
  cancelScheduledPause: {
    summary: "Cancel a flow's planned pause",
    ...flows("hold-flows"),
    requestHeader: "If-Match",
    answers: { 204: { description: "Cancelled" } },
    errors: ["state_changed"],
  },
  resumeFlow: hold(
    "Lift a flow's holds; queued records start, oldest first",
    resumeFlowSchema,
    "The flow. A spend hold may keep it paused",
    ["state_changed", "spend_hold", "action_not_allowed"],
  ),
  getSlots: reading(
    flows("read-flows"),
    "Read which keys of a flow's concurrency limit are the fullest",
    "The slots of the flow and of its ten fullest keys",
    slotsSchema,
  ),
  putCaps: {
    summary: "Set or remove a flow's caps",
    ...flows("set-caps"),
    body: putCapsSchema,
    requestHeader: "If-Match",
    answers: theFlow(),
    errors: ["state_changed"],
  },
  putFlowSettings: {
    summary: "Change the settings of a flow; omitted settings stay",
    ...flows("publish"),
    body: putFlowSettingsSchema,
    requestHeader: "If-Match",
    answers: theFlow(),
    errors: ["flow_drifted", "flow_is_attached", "attach_refused", "action_not_allowed", "state_changed"],
  },
  attachFlow: {
    summary: "Attach a flow to a state machine of your own, so that each of its executions is a run",
    ...flows("publish"),
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
    ...flows("publish"),
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
    ...flows("publish"),
    body: bindSchema,
    answers: theFlow("The attached flow"),
    errors: ["attach_refused", "grants_missing", "state_changed"],
  },
  detachFlow: {
    summary: "Detach a flow, and restore the original definition of its state machine",
    ...flows("publish"),
    requestHeader: "If-Match",
    emptyBody: true,
    answers: theFlow("The flow, without a version"),
    errors: ["flow_has_open_runs", "action_not_allowed", "state_changed"],
  },
  getFlowHealth: reading(flows("read-flows"), "Read how a flow is doing", "Its health", flowHealthSchema),
  listFlowAudit: pages(
    flows("read-flows"),
    "List the changes of a flow",
    "Changes, newest first",
    auditPageSchema,
  ),
});
