import type { z } from "zod";
import type { Permission } from "../access.ts";
import type { ErrorCode } from "../errors.ts";
import { runSchema, stepLogsSchema, stepSchema } from "../schemas/run.ts";
import {
  attentionQuerySchema,
  failuresQuerySchema,
  listRunsQuerySchema,
  runChangesQuerySchema,
} from "../schemas/run-filter.ts";
import { DELETION, operations, pages, reading } from "./operation.ts";
import {
  assignStepSchema,
  batchSchema,
  completeStepSchema,
  controlSchema,
  dispatchSchema,
  pauseRunSchema,
  replaySchema,
  resumeRunSchema,
} from "./requests.ts";
import {
  auditPageSchema,
  batchResultsSchema,
  failuresSchema,
  inboxPageSchema,
  replayPreviewSchema,
  runChangesSchema,
  runsPageSchema,
  stepsPageSchema,
} from "./responses.ts";

const control = <const Allowed extends Permission, Body extends z.ZodType>(
  summary: string,
  permission: Allowed,
  body: Body,
  ...more: readonly ErrorCode[]
) =>
  ({
    ...{ summary, permission, body },
    tag: "Runs",
    emptyBody: true,
    requestHeader: "If-Match",
    answers: { 200: { description: "The run after the change", schema: runSchema, headers: ["ETag"] } },
    errors: ["run_already_terminal", "state_changed", "flow_held", "action_not_allowed", ...more],
  }) as const;

const dispatches = { tag: "Runs", permission: "dispatch" } as const;
const reads = { tag: "Runs", permission: "read-runs" } as const;
const readsSteps = { tag: "Steps", permission: "read-runs" } as const;
const answersSteps = { tag: "Steps", permission: "complete-steps" } as const;

export const runOperations = operations({
  dispatchRun: {
    summary: "Dispatch a record: start a run",
    ...dispatches,
    body: dispatchSchema,
    requestHeader: "Idempotency-Key",
    prefersWait: true,
    answers: {
      200: {
        description: "With `Prefer: wait`: the run has ended, with its output",
        schema: runSchema,
        headers: ["Location", "ETag"],
      },
      202: { description: "The record is stored", schema: runSchema, headers: ["Location", "ETag"] },
    },
    errors: ["payload_too_large", "idempotency_key_reused", "action_not_allowed", "flow_held"],
  },
  dispatchBatch: {
    summary: "Dispatch up to 100 records",
    ...dispatches,
    body: batchSchema,
    requestHeader: "Idempotency-Key",
    answers: { 200: { description: "One result per record, in the same order", schema: batchResultsSchema } },
    errors: ["action_not_allowed", "flow_held", "idempotency_key_reused"],
  },
  listRuns: {
    summary: "List runs",
    ...reads,
    query: listRunsQuerySchema,
    answers: { 200: { description: "Runs, newest first", schema: runsPageSchema } },
  },
  listAttention: {
    summary: "List paused and failed runs together",
    ...reads,
    query: attentionQuerySchema,
    answers: { 200: { description: "Runs, the latest status change first", schema: runsPageSchema } },
  },
  getRunChanges: {
    summary: "Read again the runs that a list shows, and count those that are new above them",
    ...reads,
    query: runChangesQuerySchema,
    answers: {
      200: {
        description: "The named runs as they are now, and the number of new ones",
        schema: runChangesSchema,
      },
    },
  },
  getFailures: {
    summary: "Group the failed runs and those that an error paused by the cause of their failure",
    ...reads,
    query: failuresQuerySchema,
    answers: { 200: { description: "The largest groups first", schema: failuresSchema } },
  },
  getRun: {
    summary: "Read a run",
    ...reads,
    answers: { 200: { description: "The run", schema: runSchema, headers: ["ETag"] } },
  },
  deleteRun: {
    summary: "Delete a run permanently",
    tag: "Runs",
    ...DELETION,
    errors: ["action_not_allowed", "state_changed"],
  },
  listSteps: pages(readsSteps, "List a run's steps", "Steps, oldest first", stepsPageSchema),
  getStep: reading(readsSteps, "Read a step with its complete input and output", "The step", stepSchema),
  getStepLogs: reading(
    readsSteps,
    "Read what a step's function printed, attempt by attempt",
    "The attempts, oldest first",
    stepLogsSchema,
  ),
  listInbox: pages(
    answersSteps,
    "List approvals and forms that wait for the caller",
    "Steps, newest first",
    inboxPageSchema,
  ),
  assignStep: {
    summary: "Assign an open approval or form to other users",
    tag: "Steps",
    permission: "assign-steps",
    body: assignStepSchema,
    answers: { 200: { description: "The step", schema: stepSchema } },
    errors: ["step_already_completed"],
  },
  completeStep: {
    summary: "Answer an approval or a form",
    ...answersSteps,
    body: completeStepSchema,
    answers: { 200: { description: "The step", schema: stepSchema } },
    errors: ["step_already_completed"],
  },
  listRunAudit: pages(reads, "List the status changes of a run", "Changes, newest first", auditPageSchema),
  pauseRun: control("Pause a run at its next step, or before a state", "control-runs", pauseRunSchema),
  resumeRun: control(
    "Resume a run that a user or an error paused",
    "resume-runs",
    resumeRunSchema,
    "running_user_lost_access",
    "step_in_progress",
    "execution_awaited",
    "resume_not_possible",
    "payload_too_large",
  ),
  cancelRun: control("Cancel a run", "control-runs", controlSchema),
  replayRun: {
    summary: "Run it again, from the start or from a step",
    tag: "Runs",
    permission: "control-runs",
    body: replaySchema,
    emptyBody: true,
    requestHeader: "Idempotency-Key",
    answers: {
      200: { description: "For a dry run: what the replay would do", schema: replayPreviewSchema },
      202: { description: "The new run", schema: runSchema, headers: ["Location", "ETag"] },
    },
    errors: ["action_not_allowed", "replay_not_possible", "payload_too_large", "idempotency_key_reused"],
  },
});
