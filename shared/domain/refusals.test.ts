import { expect, test } from "vitest";
import type { FlowItem } from "../store/flows/flow-item.ts";
import type { RunItem } from "../store/runs/run-item.ts";
import * as ofHolds from "./hold-refusals.ts";
import * as others from "./refusals.ts";

const refusals = { ...ofHolds, ...others };

const AT = "2026-03-01T12:00:00.000Z";
const hold = { id: "h", since: AT, by: { kind: "user", id: "ann" }, resumeAt: AT };
const run = { status: "paused", rev: 3 } as RunItem;
const ended = { status: "failed", rev: 4 } as RunItem;
const flow = (more: object = {}) =>
  ({ flowId: "order", rev: 5, holds: {}, caps: { spend: { limit: 9, period: "day" } }, ...more }) as FlowItem;
const held = flow({ holds: { manual: hold } });
const spent = flow({ holds: { spend: hold } });
const attached = flow({ attachment: { machineArn: "arn:m" } });
const REPORT = {
  unsupported: [],
  warnings: [],
  missingGrants: [
    { action: "lambda:InvokeFunction", resource: "arn:gate" },
    { action: "states:StartExecution", resource: "arn:m" },
  ],
  transitionsPerRun: { before: 1, after: 2 },
  versions: [],
  aliases: [],
};
const GAPS = [
  { state: "Pay", missing: ["a", "b"] },
  { state: "Ship", missing: ["c"] },
];
const problem = (more: object = {}) => ({ path: "States.A", message: "is wrong", ...more });

/** Every refusal, with arguments for each of its texts. */
const CALLS: Readonly<Record<Exclude<keyof typeof refusals, "existingRun">, readonly (() => Error)[]>> = {
  runNotFound: [() => refusals.runNotFound()],
  tooManyFailures: [() => refusals.tooManyFailures(100)],
  runChanged: [() => refusals.runChanged(run)],
  runAlreadyTerminal: [() => refusals.runAlreadyTerminal(ended)],
  actionNotAllowed: [() => refusals.actionNotAllowed(run, "pause")],
  breakpointNotAllowed: [() => refusals.breakpointNotAllowed(run)],
  noGateToStopAt: [() => refusals.noGateToStopAt('has no state "Pay"', 2)],
  deleteNotAllowed: [() => refusals.deleteNotAllowed(run)],
  replayNotAllowed: [() => refusals.replayNotAllowed(run)],
  replayNotPossible: [() => refusals.replayNotPossible("The reason")],
  runHeldByFlow: [() => refusals.runHeldByFlow(run)],
  executionAwaited: [() => refusals.executionAwaited()],
  mayNotRepair: [() => refusals.mayNotRepair()],
  stepInProgress: [() => refusals.stepInProgress()],
  resumeNotPossible: [() => refusals.resumeNotPossible("The reason")],
  branchesWouldRepeat: [() => refusals.branchesWouldRepeat("Fan")],
  runningUserLostAccess: [
    () => refusals.runningUserLostAccess({ kind: "user", id: "ann" }, GAPS),
    () => refusals.runningUserLostAccess({ kind: "client", id: "ci" }, GAPS),
  ],
  payloadTooLarge: [() => refusals.payloadTooLarge(300_000)],
  flowRejectsRecords: [() => refusals.flowRejectsRecords()],
  idempotencyKeyReused: [() => refusals.idempotencyKeyReused()],
  idempotencyKeyOfDeletedRun: [() => refusals.idempotencyKeyOfDeletedRun()],
  stepNotFound: [() => refusals.stepNotFound()],
  stepAlreadyCompleted: [() => refusals.stepAlreadyCompleted()],
  stepTakesNoAnswer: [() => refusals.stepTakesNoAnswer()],
  stepNotReady: [() => refusals.stepNotReady()],
  stepAssignedToOthers: [() => refusals.stepAssignedToOthers()],
  invalidAnswer: [() => refusals.invalidAnswer([problem()])],
  answerTooLarge: [() => refusals.answerTooLarge(300_000)],
  flowNotFound: [() => refusals.flowNotFound("order")],
  versionNotFound: [() => refusals.versionNotFound("order", 3)],
  flowChanged: [() => refusals.flowChanged(held)],
  flowIsAttached: [() => refusals.flowIsAttached(attached)],
  flowNotAttached: [() => refusals.flowNotAttached("order")],
  flowDrifted: [() => refusals.flowDrifted(attached)],
  attachRefused: [() => refusals.attachRefused("Why"), () => refusals.attachRefused("Why", REPORT)],
  grantsMissing: [() => refusals.grantsMissing(REPORT)],
  flowChangesTooFast: [() => refusals.flowChangesTooFast()],
  invalidDefinition: [
    () => refusals.invalidDefinition([]),
    () => refusals.invalidDefinition([problem(), problem({ path: "other" })]),
    () => refusals.invalidDefinition([problem({ path: "" })]),
    () => refusals.invalidDefinition([problem({ line: 3, column: 4 })], ["X"]),
    () => refusals.invalidDefinition([problem({ path: "", line: 3 })]),
  ],
  tooManyPublishers: [() => refusals.tooManyPublishers()],
  flowIsDraft: [() => refusals.flowIsDraft("order")],
  flowIsBeingDeleted: [() => refusals.flowIsBeingDeleted()],
  flowHasOpenRuns: [() => refusals.flowHasOpenRuns("order", { running: 2, failed: 1 })],
  flowAlreadyPaused: [() => refusals.flowAlreadyPaused(held)],
  tooManyPartialHolds: [() => refusals.tooManyPartialHolds(held)],
  unknownSteps: [() => refusals.unknownSteps("order", [[1, "Pay"]])],
  finishWithSteps: [() => refusals.finishWithSteps()],
  holdsTooMuch: [() => refusals.holdsTooMuch()],
  resumeAtInPast: [() => refusals.resumeAtInPast()],
  resumeAtTooLate: [() => refusals.resumeAtTooLate()],
  startAtInPast: [() => refusals.startAtInPast()],
  startAtTooLate: [() => refusals.startAtTooLate()],
  resumeAtBeforeStart: [() => refusals.resumeAtBeforeStart()],
  resumeAtTooLateForPlan: [() => refusals.resumeAtTooLateForPlan()],
  flowPausedUntilThen: [() => refusals.flowPausedUntilThen(held)],
  noScheduledPause: [() => refusals.noScheduledPause("order")],
  pauseScheduleFailed: [() => refusals.pauseScheduleFailed(new Error("no"))],
  holdScheduleFailed: [() => refusals.holdScheduleFailed(new Error("no"))],
  invalidSlotKey: [() => refusals.invalidSlotKey("Not a JSONPath of the payload")],
  heldBySpendCap: [
    () => refusals.heldBySpendCap(spent, 10),
    () => refusals.heldBySpendCap(flow({ caps: {} }), 1),
  ],
  nothingToResume: [
    () => refusals.nothingToResume(flow()),
    () => refusals.nothingToResume(held),
    () => refusals.nothingToResume(spent),
  ],
  heldByIncident: [
    () => refusals.heldByIncident(held, "0198c1e2"),
    () => refusals.heldByIncident(held, undefined),
  ],
  heldByOtherIncident: [() => refusals.heldByOtherIncident(held, "0198c1e2")],
  unknownIncidentFlows: [() => refusals.unknownIncidentFlows([[1, "order"]])],
  mayNotHoldAll: [() => refusals.mayNotHoldAll()],
  incidentNotFound: [() => refusals.incidentNotFound()],
  incidentResolved: [() => refusals.incidentResolved()],
  tooManyNotes: [() => refusals.tooManyNotes()],
  canaryUnderWay: [() => refusals.canaryUnderWay(held)],
  canaryBesideHold: [() => refusals.canaryBesideHold(held, [{ kind: "spend" }])],
  rampAboveRate: [() => refusals.rampAboveRate(50)],
  rampTooLong: [() => refusals.rampTooLong()],
  rampBesideHold: [() => refusals.rampBesideHold(spent, ["spend"])],
  bulkNotFound: [() => refusals.bulkNotFound()],
  bulkAlreadyEnded: [() => refusals.bulkAlreadyEnded("stopped")],
  runChangedSinceSelection: [() => refusals.runChangedSinceSelection("failed")],
  workspaceNotFound: [() => refusals.workspaceNotFound("acme")],
  tooManyWorkspaceChanges: [() => refusals.tooManyWorkspaceChanges()],
  forPlatformAdminsOnly: [() => refusals.forPlatformAdminsOnly()],
  scopesDoNotAllow: [() => refusals.scopesDoNotAllow()],
  roleDoesNotAllow: [() => refusals.roleDoesNotAllow("viewer")],
  ownersMayNotResume: [() => refusals.ownersMayNotResume()],
  overrideForAdminsOnly: [() => refusals.overrideForAdminsOnly()],
  memberNotFound: [() => refusals.memberNotFound("ann")],
  lastAdministrator: [() => refusals.lastAdministrator("acme", "ann")],
  tooManyMemberChanges: [() => refusals.tooManyMemberChanges()],
  viewNotFound: [() => refusals.viewNotFound("v")],
  viewOfAnother: [() => refusals.viewOfAnother()],
  viewChanged: [() => refusals.viewChanged()],
  triggerNotFound: [() => refusals.triggerNotFound("nightly")],
  triggerChanged: [() => refusals.triggerChanged("nightly")],
  triggerHasOtherRev: [
    () => refusals.triggerHasOtherRev("nightly", 3),
    () => refusals.triggerHasOtherRev("nightly", undefined),
  ],
  invalidSchedule: [() => refusals.invalidSchedule("Invalid Schedule Expression")],
  tooManyTriggers: [() => refusals.tooManyTriggers()],
  tooManyViews: [() => refusals.tooManyViews()],
};

// The texts and fields that clients see. After a change that is meant, write them anew with -u, and read the difference.
test.each(Object.entries(CALLS))("%s", (_name, calls) => {
  const seen = calls.map((call) => {
    const { code, message, fields, cause } = call() as Error & { code: string; fields: object };
    return { code, message, fields, ...(cause === undefined ? {} : { cause: String(cause) }) };
  });
  expect(seen).toMatchSnapshot();
});

test("a run that was deleted does not exist", () => {
  expect(refusals.existingRun(run)).toBe(run);
  for (const gone of [undefined, { ...run, deleted: true } as RunItem])
    expect(() => refusals.existingRun(gone)).toThrow("There is no such run");
});
