import { describe, expect, test } from "vitest";
import type { z } from "zod";
import { pageQuerySchema } from "../schemas/fields.ts";
import {
  attentionQuerySchema,
  listRunsQuerySchema,
  runFilterSchema,
  viewFilterSchema,
} from "../schemas/run-filter.ts";
import { putSettingsSchema } from "../schemas/workspace-settings.ts";
import { startBulkSchema } from "./bulk-requests.ts";
import * as holdRequests from "./hold-requests.ts";
import { operations } from "./openapi.ts";
import * as requests from "./requests.ts";

const RUN = "01a1fe2b-94bf-721e-b86d-9859ac04b023";
const ids = (count: number): string[] =>
  Array.from({ length: count }, (_, n) => RUN.slice(0, -5) + String(n).padStart(5, "0"));
const substitutions = (count: number) =>
  Object.fromEntries(Array.from({ length: count }, (_, n) => [`Name${n}`, n]));
const put = (field: string, ...values: unknown[]) => values.map((value) => ({ [field]: value }));
const role = { role: "viewer" };
const definition = { StartAt: "A", States: {} };

const TIME = "Must be a time in ISO 8601, e.g. 2026-01-31T12:00:00.000Z";
const NUL = "Must not contain the character U+0000";
const USER = "Must be 1 to 255 printable characters without spaces, not . or ..";
const NAME = "Must be the name inside ${…}, without $, { and }";
const PRINTABLE = "Must be printable, without leading or trailing spaces";

/** By schema: values that it accepts, and values that it rejects with the path and, where it is Sluice's own, the message. */
const CASES: Readonly<
  Record<
    string,
    { schema: z.ZodType; good: unknown[]; bad: [value: unknown, path: string, message?: string][] }
  >
> = {
  "a workspace": {
    schema: requests.putWorkspaceSchema,
    good: [
      { admins: ["ann"] },
      { name: "", admins: ["a@b.c", "…"] },
      { name: "n".repeat(200), admins: ["..."] },
    ],
    bad: [
      [{}, "admins"],
      [{ admins: [] }, "admins"],
      [{ admins: Array.from({ length: 51 }, () => "a") }, "admins"],
      [{ admins: ["a b"] }, "admins.0", USER],
      [{ admins: ["."] }, "admins.0", USER],
      [{ admins: [".."] }, "admins.0", USER],
      [{ admins: ["a\u200b"] }, "admins.0", USER],
      [{ admins: [""] }, "admins.0", USER],
      [{ admins: ["a".repeat(256)] }, "admins.0"],
      [{ admins: ["a"], name: "n".repeat(201) }, "name"],
      [{ admins: ["a"], name: "a\0b" }, "name", NUL],
      [{ admins: ["a"], more: 1 }, ""],
    ],
  },
  "a member": {
    schema: requests.putMemberSchema,
    good: [
      role,
      ...["operator", "admin", "member"].map((one) => ({ role: one })),
      { ...role, permissions: ["a", "b c", "ä"] },
    ],
    bad: [
      [{}, "role"],
      [{ role: "owner" }, "role"],
      [{ ...role, permissions: ["a", "b", "a"] }, "permissions", "Must not contain a permission twice"],
      [{ ...role, permissions: [" a"] }, "permissions.0", PRINTABLE],
      [{ ...role, permissions: ["a "] }, "permissions.0", PRINTABLE],
      [{ ...role, permissions: ["a\nb"] }, "permissions.0", PRINTABLE],
      [{ ...role, permissions: ["a".repeat(65)] }, "permissions.0"],
      [{ ...role, permissions: ids(101) }, "permissions"],
    ],
  },
  "a flow": {
    schema: requests.publishSchema,
    good: [
      { definition },
      { definition: "StartAt: A", machineType: "STANDARD", activate: false, runAs: "system" },
      { definition, substitutions: { A: 1, B: "b", C: true, [`N${"n".repeat(254)}`]: "" } },
      { definition, substitutions: substitutions(500) },
    ],
    bad: [
      [{}, "definition", "Must be an object, or a text in JSON or YAML"],
      [{ definition: [] }, "definition", "Must be an object, or a text in JSON or YAML"],
      [{ definition: 1 }, "definition", "Must be an object, or a text in JSON or YAML"],
      [{ definition, name: "" }, "name"],
      [
        { definition, machineType: "EXPRESS" },
        "machineType",
        'An EXPRESS state machine cannot be paused, because it ends after five minutes. Send "STANDARD" to publish the definition as a STANDARD one.',
      ],
      [{ definition, substitutions: { "!A": 1 } }, "substitutions.!A", NAME],
      [{ definition, substitutions: { "A{": 1 } }, "substitutions.A{", NAME],
      [{ definition, substitutions: { "": 1 } }, "substitutions.", NAME],
      [
        { definition, substitutions: { A: null } },
        "substitutions.A",
        "Must be a string, a number or a boolean. Write an object as its JSON text.",
      ],
      [{ definition, substitutions: substitutions(501) }, "substitutions", "Must have at most 500 names"],
      [{ definition, runAs: "me" }, "runAs"],
    ],
  },
  "an attached flow": {
    schema: requests.attachSchema,
    good: [
      { stateMachineArn: "a" },
      { stateMachineArn: "a", aliases: ["x"], whenUnreachable: "fail", dryRun: true, force: false },
    ],
    bad: [
      [{ stateMachineArn: "" }, "stateMachineArn"],
      [{ stateMachineArn: "a", aliases: [""] }, "aliases.0"],
      [{ stateMachineArn: "a", whenUnreachable: "wait" }, "whenUnreachable"],
    ],
  },
  "a pause of a flow": {
    schema: holdRequests.pauseFlowSchema,
    good: [
      {},
      { mode: "reject", resumeAt: "2026-01-31T12:00:00+01:00", reason: "r".repeat(1_000) },
      { startAt: "2026-01-31T12:00:00Z" },
      { mode: "finish" },
      ...["PT1S", "P14D"].map((finishWithin) => ({ mode: "finish", finishWithin })),
    ],
    bad: [
      [{ mode: "drop" }, "mode"],
      ...(["PT0S", "P15D", "2 hours"].map((finishWithin) => [
        { mode: "finish", finishWithin },
        "finishWithin",
        "Must be a duration in ISO 8601 of at most 14 days, e.g. PT2H",
      ]) as [unknown, string, string][]),
      [{ mode: "queue", finishWithin: "PT1H" }, "finishWithin", "Needs the mode finish"],
      [{ startAt: "tomorrow" }, "startAt", TIME],
      [{ resumeAt: "tomorrow" }, "resumeAt", TIME],
      [{ reason: "r".repeat(1_001) }, "reason"],
      [{ reason: "\0" }, "reason", NUL],
    ],
  },
  "a resume of a flow": {
    schema: holdRequests.resumeFlowSchema,
    good: [
      {},
      { drainRate: 1_000, holds: ["manual", "throughput"] },
      { ramp: { from: 1 } },
      { ramp: { from: 1_000, factor: 1.1, every: "P1D", stopOn: { failures: 1, percent: 0.5 } } },
    ],
    bad: [
      ...([0, 1_001, 1.5].map((rate) => [{ drainRate: rate }, "drainRate"]) as [unknown, string][]),
      [{ holds: [] }, "holds"],
      [{ ramp: {} }, "ramp.from"],
      ...([0, 1_001, 1.5].map((from) => [{ ramp: { from } }, "ramp.from"]) as [unknown, string][]),
      ...([1, 0, 101, "2"].map((factor) => [{ ramp: { from: 1, factor } }, "ramp.factor"]) as [
        unknown,
        string,
      ][]),
      ...(["PT0.5S", "P1DT1S", "P2D", "1m", 60].map((every) => [
        { ramp: { from: 1, every } },
        "ramp.every",
      ]) as [unknown, string][]),
      [{ ramp: { from: 1, stopOn: {} } }, "ramp.stopOn.failures"],
      [{ ramp: { from: 1, stopOn: { failures: 0 } } }, "ramp.stopOn.failures"],
      [{ ramp: { from: 1, stopOn: { failures: 1, percent: 101 } } }, "ramp.stopOn.percent"],
      [{ holds: ["spend"] }, "holds.0"],
    ],
  },
  caps: {
    schema: holdRequests.putCapsSchema,
    good: [
      {},
      { throughput: null, spend: null },
      ...["minute", "hour", "day"].map((per) => ({ throughput: { limit: 1, per } })),
      ...["day", "month"].map((period) => ({ spend: { limit: 0.5, period } })),
    ],
    bad: [
      [{ throughput: { limit: 0, per: "day" } }, "throughput.limit"],
      [{ throughput: { limit: 1, per: "month" } }, "throughput.per"],
      [{ spend: { limit: 0, period: "day" } }, "spend.limit"],
      [{ spend: { limit: 1e13, period: "day" } }, "spend.limit"],
    ],
  },
  "a dispatch": {
    schema: requests.dispatchSchema,
    good: [...put("payload", null, 0, "", [], {}), { payload: 1, priority: 0 }, { payload: 1, priority: 9 }],
    bad: [
      [{ payload: 1, priority: -1 }, "priority"],
      [{ payload: 1, priority: 10 }, "priority"],
      [{ payload: 1, priority: 5.5 }, "priority"],
      [{ payload: 1, priority: "5" }, "priority"],
      [{}, "payload", "Required"],
      [{ payload: 1, more: 1 }, ""],
    ],
  },
  "a record of a batch": {
    schema: requests.batchRecordSchema,
    good: [{ payload: 1 }, { payload: 1, idempotencyKey: "k".repeat(255), priority: 9 }],
    bad: [
      [{ payload: 1, priority: 10 }, "priority"],
      [{ payload: 1, idempotencyKey: "" }, "idempotencyKey"],
      [{ payload: 1, idempotencyKey: "k".repeat(256) }, "idempotencyKey"],
    ],
  },
  "a batch": {
    schema: requests.batchSchema,
    good: [{ records: [1] }, { records: ids(100) }],
    bad: [
      [{ records: [] }, "records"],
      [{ records: ids(101) }, "records"],
    ],
  },
  "a replay": {
    schema: requests.replaySchema,
    good: [{}, { from: "s".repeat(80), version: "same", payload: null }],
    bad: [
      [{ from: "" }, "from"],
      [{ from: "s".repeat(81) }, "from"],
      [{ version: "3" }, "version"],
    ],
  },
  "a pause of a run": {
    schema: requests.pauseRunSchema,
    good: [{}, { before: "Charge", reason: "why" }],
    bad: [
      [{ before: "" }, "before"],
      [{ before: "s".repeat(81) }, "before"],
    ],
  },
  "a resume of a run": {
    schema: requests.resumeRunSchema,
    good: [
      {},
      { override: true, reason: "why" },
      { giveUp: true, reason: "why" },
      { giveUp: false, at: "A", input: null, variables: {}, version: 1, output: null, detach: true },
      { version: "same" },
      { version: "latest" },
      { steps: 1, at: "A" },
      { steps: 1_000 },
    ],
    bad: [
      [{ steps: 0 }, "steps"],
      [{ steps: 1_001 }, "steps"],
      [{ giveUp: true, steps: 1 }, "giveUp"],
      [{ override: "yes" }, "override"],
      [{ at: "" }, "at"],
      [{ at: "a".repeat(81) }, "at"],
      [{ variables: [] }, "variables", "Must be an object"],
      [{ version: 0 }, "version"],
      [{ version: "newest" }, "version", "Must be same, latest or a version's number"],
      [{ giveUp: "yes" }, "giveUp"],
      [
        { giveUp: true, at: "A", output: null },
        "giveUp",
        "Cannot be combined with at, output: a run that is given up does not continue",
      ],
    ],
  },
  "a cancel of a run": {
    schema: requests.controlSchema,
    good: [{}, { reason: "" }],
    bad: [[{ reason: 1 }, "reason"]],
  },
  "an answer to a step": {
    schema: requests.completeStepSchema,
    good: ["approved", "rejected", "submitted"].map((decision) => ({ decision, comment: "c", data: null })),
    bad: [[{ decision: "maybe" }, "decision"]],
  },
  settings: {
    schema: putSettingsSchema,
    good: [
      {},
      { retentionDays: 1 },
      { retentionDays: 3_650, ownersMayResume: true, resumeWithSameAccess: false },
    ],
    bad: [
      [{ retentionDays: 0 }, "retentionDays"],
      [{ retentionDays: 3_651 }, "retentionDays"],
      [{ days: 1 }, ""],
    ],
  },
  "a bulk operation": {
    schema: startBulkSchema,
    good: [
      { action: "pause", filter: { flowId: "a" } },
      { action: "replay", runIds: [RUN], dryRun: true, rate: 1_000 },
      { action: "delete", runIds: ids(10_000) },
    ],
    bad: [
      [{ action: "pause" }, "filter", "Give either filter or runIds"],
      [{ action: "pause", filter: { flowId: "a" }, runIds: [RUN] }, "filter", "Give either filter or runIds"],
      [{ action: "pause", filter: {} }, "filter", "Must have at least one filter"],
      [{ action: "pause", runIds: [RUN, RUN.toUpperCase()] }, "runIds", "Must not contain a run twice"],
      [{ action: "pause", runIds: ["x"] }, "runIds.0", "Must be the id of a run"],
      [{ action: "pause", runIds: [] }, "runIds"],
      [{ action: "pause", runIds: ids(10_001) }, "runIds"],
      [{ action: "start", runIds: [RUN] }, "action"],
      [{ action: "pause", runIds: [RUN], rate: 1_001 }, "rate"],
    ],
  },
  "a page": {
    schema: pageQuerySchema,
    good: [{}, { limit: "1" }, { limit: "200", cursor: "c" }],
    bad: [
      [{ limit: "0" }, "limit"],
      [{ limit: "201" }, "limit"],
      [{ limit: "1.5" }, "limit", "Must be a whole number from 1 to 200"],
      [{ limit: "x1" }, "limit", "Must be a whole number from 1 to 200"],
      [{ limit: "00001" }, "limit", "Must be a whole number from 1 to 200"],
      [{ cursor: "" }, "cursor"],
    ],
  },
  "a list of runs": {
    schema: listRunsQuerySchema,
    good: [{ status: "paused", flowId: "a", error: "e" }, { createdAfter: "2026-01-31T12:00:00Z" }],
    bad: [
      [
        { status: "held" },
        "status",
        "Must be a comma-separated list of pending, running, paused, waiting, completed, failed, cancelled",
      ],
      [{ createdBefore: "2026-01-31" }, "createdBefore", TIME],
      [{ flowId: "" }, "flowId"],
    ],
  },
  "a list of runs that need attention": {
    schema: attentionQuerySchema,
    good: [
      {},
      { status: "paused,failed" },
      { include: "waiting" },
      { status: "waiting", include: "waiting" },
    ],
    bad: [
      [{ status: "waiting" }, "status", "The list contains waiting runs only with include=waiting"],
      [{ status: "running" }, "status", "Must be a comma-separated list of paused, failed, waiting"],
      [{ include: "paused" }, "include", "Must be a comma-separated list of waiting"],
    ],
  },
};

/** The reason why a key is invalid is inside the issue. */
const messageOf = (issue: z.core.$ZodIssue | undefined): string | undefined =>
  issue?.code === "invalid_key" ? issue.issues[0]?.message : issue?.message;

describe.each(Object.entries(CASES))("the schema of %s", (_name, { schema, good, bad }) => {
  test.each(good.map((value) => [value]))("accepts %j", (value) => {
    expect(schema.safeParse(value).error?.issues ?? []).toEqual([]);
  });
  test.each(bad)("rejects %j at %j", (value, path, message) => {
    const issue = schema.safeParse(value).error?.issues[0];
    expect(issue?.path.join(".")).toBe(path);
    if (message !== undefined) expect(messageOf(issue)).toBe(message);
  });
});

test.each<[z.ZodType, unknown, unknown]>([
  [pageQuerySchema, {}, { limit: 50 }],
  [pageQuerySchema, { limit: "7" }, { limit: 7 }],
  [listRunsQuerySchema, { status: " failed, paused,failed" }, { limit: 50, status: ["paused", "failed"] }],
  [
    listRunsQuerySchema,
    { createdAfter: "2026-01-31T12:00:00+01:00" },
    { limit: 50, createdAfter: "2026-01-31T11:00:00.000Z" },
  ],
  [runFilterSchema, { status: ["paused", "failed", "paused"] }, { status: ["paused", "failed"] }],
  [viewFilterSchema, { include: ["waiting", "waiting"] }, { include: ["waiting"] }],
  [startBulkSchema, { action: "pause", runIds: [RUN.toUpperCase()] }, { action: "pause", runIds: [RUN] }],
])("a schema reads value %#", (schema, value, expected) => {
  expect(schema.parse(value)).toEqual(expected);
});

test("an empty body counts as an empty object only where no field is required", () => {
  const empty = operations.filter(({ emptyBody }) => emptyBody === true).map(({ id }) => id);
  expect(empty.sort().join(" ")).toBe(
    "activateVersion cancelRun detachFlow pauseFlow pauseRun replayRun resolveIncident resumeFlow resumeRun stopBulkOperation",
  );
});
