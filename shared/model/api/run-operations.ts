import type { z } from "zod";
import type { Permission } from "../access.ts";
import type { ErrorCode } from "../errors.ts";
import { runSchema, stepSchema } from "../schemas/run.ts";
import { attentionQuerySchema, listRunsQuerySchema } from "../schemas/run-filter.ts";
import { DELETION, operation, pages } from "./operation.ts";
import {
  batchSchema,
  completeStepSchema,
  controlSchema,
  dispatchSchema,
  replaySchema,
  resumeRunSchema,
} from "./requests.ts";
import {
  auditPageSchema,
  batchResultsSchema,
  inboxPageSchema,
  runsPageSchema,
  stepsPageSchema,
} from "./responses.ts";

const control = <const Verb extends "pause" | "resume" | "cancel", Body extends z.ZodType>(
  verb: Verb,
  permission: Permission,
  summary: string,
  body: Body,
  ...more: readonly ErrorCode[]
) =>
  operation(`${verb}Run`, {
    summary,
    tag: "Runs",
    permission,
    body,
    emptyBody: true,
    requestHeader: "If-Match",
    answers: { 200: { description: "The run after the change", schema: runSchema, headers: ["ETag"] } },
    errors: ["run_already_terminal", "state_changed", "flow_held", "action_not_allowed", ...more],
  });

export const runOperations = {
  dispatchRun: operation("dispatchRun", {
    summary: "Dispatch a record: start a run",
    tag: "Runs",
    permission: "dispatch",
    body: dispatchSchema,
    requestHeader: "Idempotency-Key",
    answers: {
      202: { description: "The record is stored", schema: runSchema, headers: ["Location", "ETag"] },
    },
    errors: ["payload_too_large", "idempotency_key_reused", "action_not_allowed", "flow_held"],
  }),
  dispatchBatch: operation("dispatchBatch", {
    summary: "Dispatch up to 100 records",
    tag: "Runs",
    permission: "dispatch",
    body: batchSchema,
    requestHeader: "Idempotency-Key",
    answers: { 200: { description: "One result per record, in the same order", schema: batchResultsSchema } },
    errors: ["action_not_allowed", "flow_held", "idempotency_key_reused"],
  }),
  listRuns: operation("listRuns", {
    summary: "List runs",
    tag: "Runs",
    permission: "read-runs",
    query: listRunsQuerySchema,
    answers: { 200: { description: "Runs, newest first", schema: runsPageSchema } },
  }),
  listAttention: operation("listAttention", {
    summary: "List paused and failed runs together",
    tag: "Runs",
    permission: "read-runs",
    query: attentionQuerySchema,
    answers: { 200: { description: "Runs, the latest status change first", schema: runsPageSchema } },
  }),
  getRun: operation("getRun", {
    summary: "Read a run",
    tag: "Runs",
    permission: "read-runs",
    answers: { 200: { description: "The run", schema: runSchema, headers: ["ETag"] } },
  }),
  deleteRun: operation("deleteRun", {
    summary: "Delete a run permanently",
    tag: "Runs",
    ...DELETION,
    errors: ["action_not_allowed", "state_changed"],
  }),
  listSteps: operation("listSteps", {
    summary: "List a run's steps",
    tag: "Steps",
    permission: "read-runs",
    ...pages("Steps, oldest first", stepsPageSchema),
  }),
  getStep: operation("getStep", {
    summary: "Read a step with its whole input and output",
    tag: "Steps",
    permission: "read-runs",
    answers: { 200: { description: "The step", schema: stepSchema } },
  }),
  listInbox: operation("listInbox", {
    summary: "List approvals and forms that wait for the caller",
    tag: "Steps",
    permission: "complete-steps",
    ...pages("Steps, newest first", inboxPageSchema),
  }),
  completeStep: operation("completeStep", {
    summary: "Answer an approval or a form",
    tag: "Steps",
    permission: "complete-steps",
    body: completeStepSchema,
    answers: { 200: { description: "The step", schema: stepSchema } },
    errors: ["step_already_completed"],
  }),
  listRunAudit: operation("listRunAudit", {
    summary: "List the status changes of a run",
    tag: "Runs",
    permission: "read-runs",
    ...pages("Changes, newest first", auditPageSchema),
  }),
  pauseRun: control("pause", "control-runs", "Pause a run at its next step", controlSchema),
  resumeRun: control(
    "resume",
    "resume-runs",
    "Resume a run that a user paused",
    resumeRunSchema,
    "running_user_lost_access",
  ),
  cancelRun: control("cancel", "control-runs", "Cancel a run", controlSchema),
  replayRun: operation("replayRun", {
    summary: "Run it again, from the start or from a step",
    tag: "Runs",
    permission: "control-runs",
    body: replaySchema,
    emptyBody: true,
    requestHeader: "Idempotency-Key",
    answers: { 202: { description: "The new run", schema: runSchema, headers: ["Location", "ETag"] } },
    errors: ["action_not_allowed", "replay_not_possible", "payload_too_large", "idempotency_key_reused"],
  }),
} as const;
