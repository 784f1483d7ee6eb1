import { describe, expect, test } from "vitest";
import type { RunItem } from "../../store/runs/run-item.ts";
import { decideGate, type GateQuestion } from "./decide-gate.ts";

const NOW = Date.parse("2026-03-01T12:00:00.000Z");
const at = (time: string) => `2026-03-01T${time}.000Z`;

const run = (more: Partial<RunItem>): RunItem => ({
  runId: "0195-run",
  workspace: "demo",
  flowId: "order",
  incarnation: "abcdefghijklmnop",
  version: 1,
  attempt: 1,
  status: "running",
  rev: 2,
  createdAt: at("11:00:00"),
  updatedAt: at("11:00:00"),
  startedAt: at("11:00:00"),
  startedBy: { kind: "user", id: "ann" },
  runAs: "user",
  recentAudit: [],
  ...more,
});

const gate = (more: Partial<GateQuestion> = {}): GateQuestion => ({
  kind: "step",
  topLevel: true,
  attempt: 1,
  state: "Charge",
  stepId: "charge-1",
  entered: at("11:59:59"),
  ...more,
});

const wait = (): Partial<GateQuestion> => ({
  kind: "wait",
  waitingOn: { kind: "approval", stepId: "charge-1" },
});
const byUser = { kind: "user", id: "ann", at: at("11:30:00") } as const;
const byFlow = { kind: "flow", at: at("11:30:00") } as const;
const charge = { name: "Charge", stepId: "charge-1", entered: at("11:59:59") };
const later = { name: "Ship", stepId: "ship-1", entered: at("11:59:59") };

const before = { state: "Charge", by: { kind: "user", id: "bea" } } as const;
const steps = (left: number) => ({ left, of: 2, by: { kind: "client", id: "ci" } }) as const;

const retried = { ...charge, retry: 2 };

/** The run, the gate's question, and the expected outcome: the transitions, or the refusal. */
const cases: readonly [string, Partial<RunItem> | undefined, Partial<GateQuestion>, unknown][] = [
  ["no run", undefined, {}, "closed"],
  [
    "a copy of the attempt that passed",
    { status: "paused", pausedBy: byUser, currentStep: retried },
    { retry: 2 },
    "pass",
  ],
  [
    "a copy of an earlier attempt",
    { status: "paused", pausedBy: byUser, currentStep: retried },
    { retry: 1 },
    "pass",
  ],
  [
    "the next attempt while paused",
    { status: "paused", pausedBy: byUser, currentStep: retried },
    { retry: 3 },
    "paused",
  ],
  [
    "the first retry while paused",
    { status: "paused", pausedBy: byUser, currentStep: charge },
    { retry: 1 },
    "paused",
  ],
  [
    "the next attempt while held",
    { currentStep: charge },
    { retry: 1, kept: { holdIds: ["hold-1"], partly: false } },
    ["hold"],
  ],
  ["a tombstone", { deleted: true }, {}, "closed"],
  ["another execution", { attempt: 2 }, {}, "closed"],
  ["a cancelled run", { status: "cancelled" }, {}, "closed"],
  ["a completed run", { status: "completed" }, {}, "closed"],
  ["a failed run", { status: "failed" }, {}, "closed"],
  [
    "a run that timed out",
    { status: "failed", error: { error: "States.Timeout", cause: "", state: "" } },
    {},
    "timedOut",
  ],
  ["a retry of the last gate", { status: "completed" }, { kind: "complete" }, "pass"],
  ["a retry of the fail gate", { status: "failed" }, { kind: "fail" }, "pass"],
  ["the fail gate of a cancelled run", { status: "cancelled" }, { kind: "fail" }, "closed"],
  ["the last gate of a cancelled run", { status: "cancelled" }, { kind: "complete" }, "closed"],
  ["the first gate", { status: "pending" }, {}, ["begin"]],
  ["a first gate that waits", { status: "pending" }, wait(), ["begin", "wait"]],
  ["the next step", {}, {}, []],
  ["the next step, which waits", {}, wait(), ["wait"]],
  ["the step after a wait", { status: "waiting" }, {}, ["proceed"]],
  ["a wait after a wait", { status: "waiting" }, wait(), ["proceed", "wait"]],
  ["a retry of the gate of a step", { currentStep: charge }, {}, "pass"],
  ["a retry of the gate of a wait", { status: "waiting", currentStep: charge }, wait(), "pass"],
  ["a late duplicate", { currentStep: later }, { entered: at("11:00:01") }, "pass"],
  [
    "a late duplicate, paused",
    { status: "paused", pausedBy: byUser, currentStep: later },
    { entered: at("11:00:01") },
    "pass",
  ],
  ["a user's pause", { status: "paused", pausedBy: byUser }, {}, "paused"],
  ["a user's pause at the end", { status: "paused", pausedBy: byUser }, { kind: "complete" }, "paused"],
  [
    "an old copy of the last gate, paused",
    { status: "paused", pausedBy: byUser, currentStep: later },
    { kind: "complete", entered: at("11:00:01") },
    "paused",
  ],
  ["a failure in a user's pause", { status: "paused", pausedBy: byUser }, { kind: "fail" }, ["fail"]],
  ["a flow's hold that is over", { status: "paused", pausedBy: byFlow }, {}, ["release"]],
  ["the same before a wait", { status: "paused", pausedBy: byFlow }, wait(), ["release", "wait"]],
  [
    "a flow's hold that stands",
    { status: "paused", pausedBy: byFlow },
    { kept: { holdIds: ["hold-1"], partly: false } },
    "paused",
  ],
  [
    "a flow's hold that is over, at the end",
    { status: "paused", pausedBy: byFlow },
    { kind: "complete" },
    ["complete"],
  ],
  ["a hold, running", {}, { kept: { holdIds: ["hold-1"], partly: false } }, ["hold"]],
  [
    "a hold, at the first gate",
    { status: "pending" },
    { kept: { holdIds: ["hold-1"], partly: false } },
    ["hold"],
  ],
  ["a hold after a wait", { status: "waiting" }, { kept: { holdIds: ["hold-1"], partly: false } }, ["hold"]],
  [
    "a hold under a user's pause",
    { status: "paused", pausedBy: byUser },
    { kept: { holdIds: ["hold-1"], partly: false } },
    "paused",
  ],
  ["the end", {}, { kind: "complete" }, ["complete"]],
  ["the end after a wait", { status: "waiting" }, { kind: "complete" }, ["complete"]],
  ["the end of a flow without steps", { status: "pending" }, { kind: "complete" }, ["complete"]],
  ["past the deadline", { deadline: at("11:59:59") }, {}, ["fail"]],
  ["at the deadline", { deadline: at("12:00:00") }, {}, ["fail"]],
  ["before the deadline", { deadline: at("12:00:01") }, {}, []],
  ["the end past the deadline", { deadline: at("11:59:59") }, { kind: "complete" }, ["fail"]],
  ["a deadline while paused", { status: "paused", pausedBy: byUser, deadline: at("11:59:59") }, {}, "paused"],
  ["inside a branch", {}, { topLevel: false }, "pass"],
  ["a wait inside a branch", {}, { ...wait(), topLevel: false }, "pass"],
  [
    "an old visit inside a branch, paused",
    { status: "paused", pausedBy: byUser, currentStep: later },
    { topLevel: false, entered: at("11:00:01") },
    "paused",
  ],
  ["a hold inside a branch", {}, { topLevel: false, kept: { holdIds: ["hold-1"], partly: false } }, ["hold"]],
  [
    "a hold that is over, inside a branch",
    { status: "paused", pausedBy: byFlow },
    { topLevel: false },
    ["release"],
  ],
  ["a cancel inside a branch", { status: "cancelled" }, { topLevel: false }, "closed"],
  ["a breakpoint", { pauseBefore: before }, {}, ["pause"]],
  ["a breakpoint before another state", { pauseBefore: { ...before, state: "Ship" } }, {}, []],
  ["a breakpoint at the first gate", { status: "pending", pauseBefore: before }, {}, ["begin", "pause"]],
  ["a breakpoint before a wait", { pauseBefore: before }, wait(), ["pause"]],
  ["a breakpoint after a wait", { status: "waiting", pauseBefore: before }, {}, ["proceed", "pause"]],
  [
    "a breakpoint after a flow's hold",
    { status: "paused", pausedBy: byFlow, pauseBefore: before },
    {},
    ["release", "pause"],
  ],
  [
    "a breakpoint under a flow's hold",
    { pauseBefore: before },
    { kept: { holdIds: ["hold-1"], partly: false } },
    ["hold"],
  ],
  [
    "a breakpoint that paused the run",
    { status: "paused", pausedBy: byUser, pauseBefore: before },
    {},
    "paused",
  ],
  ["a breakpoint past the deadline", { pauseBefore: before, deadline: at("11:59:59") }, {}, ["fail"]],
  ["a breakpoint inside a branch", { pauseBefore: before }, { topLevel: false }, ["pause"]],
  [
    "a breakpoint inside a branch whose step has begun",
    { pauseBefore: before },
    { topLevel: false, begun: true },
    "pass",
  ],
  [
    "a copy of the gate of a step with a breakpoint",
    { pauseBefore: before, currentStep: charge },
    {},
    "pass",
  ],
  [
    "a later attempt of a step with a breakpoint",
    { pauseBefore: before, currentStep: charge },
    { retry: 1 },
    [],
  ],
  ["a failure at a breakpoint", { pauseBefore: before }, { kind: "fail" }, ["fail"]],
  ["a step that may still begin", { stepping: steps(1) }, {}, []],
  ["the step after the last one", { stepping: steps(0) }, {}, ["pause"]],
  [
    "the step after the last one, after a wait",
    { status: "waiting", stepping: steps(0) },
    {},
    ["proceed", "pause"],
  ],
  ["a branch of the last step", { stepping: steps(0) }, { topLevel: false }, "pass"],
  ["a later attempt of the last step", { stepping: steps(0), currentStep: charge }, { retry: 1 }, []],
  ["the end after the last step", { stepping: steps(0) }, { kind: "complete" }, ["complete"]],
];

describe("the gate's decision", () => {
  test.each(cases)("%s", (_name, record, question, expected) => {
    const decision = decideGate(record && run(record), gate(question), NOW);
    const told =
      decision.kind === "pass" ? "pass" : decision.kind === "refuse" ? decision.why : decision.transitions;
    expect(told).toEqual(expected);
  });

  const now = at("12:00:00");
  const ended = [
    "pausedBy",
    "parkedAt",
    "waitingOn",
    "deadline",
    "checkAt",
    "lost",
    "pauseBefore",
    "stepping",
  ];
  const waitingOn = { kind: "approval", stepId: "charge-1" };
  const group = { id: expect.stringMatching(/^order\.[0-9a-f]{16}$/), at: now };
  const TIMED_OUT = { error: "States.Timeout", cause: "", state: "" };

  /** The whole writes: what they set and remove, and the answer to the flow. */
  const writes: readonly [string, Partial<RunItem>, Partial<GateQuestion>, object, string[], string][] = [
    ["the next step", {}, {}, { currentStep: charge }, [], "pass"],
    ["a later attempt of it", {}, { retry: 2 }, { currentStep: retried }, [], "pass"],
    [
      "the step after a wait",
      { status: "waiting" },
      {},
      { updatedAt: now, currentStep: charge },
      ["waitingOn"],
      "pass",
    ],
    ["a wait", {}, wait(), { updatedAt: now, waitingOn, currentStep: charge }, [], "pass"],
    [
      "a wait after a wait",
      { status: "waiting" },
      wait(),
      { updatedAt: now, waitingOn, currentStep: charge },
      [],
      "pass",
    ],
    [
      "a wait after a hold",
      { status: "paused", pausedBy: byFlow },
      wait(),
      { updatedAt: now, resumed: true, waitingOn, currentStep: charge },
      ["pausedBy", "parkedAt"],
      "pass",
    ],
    ["a wait without details", {}, { kind: "wait" }, { currentStep: charge }, [], "pass"],
    [
      "details of a step that does not wait",
      {},
      { ...wait(), kind: "step" },
      { currentStep: charge },
      [],
      "pass",
    ],
    [
      "a hold",
      {},
      { kept: { holdIds: ["hold-1"], partly: false } },
      { updatedAt: now, pausedBy: { kind: "flow", at: now, holdIds: ["hold-1"] } },
      ["waitingOn", "parkedAt", "neverParked"],
      "paused",
    ],
    [
      "the end of a hold inside a branch",
      { status: "paused", pausedBy: byFlow, runAs: "system" },
      { topLevel: false },
      { updatedAt: now },
      ["pausedBy", "parkedAt"],
      "pass",
    ],
    [
      "a time-out",
      { deadline: at("11:59:59") },
      {},
      { updatedAt: now, endedAt: now, error: TIMED_OUT, failure: group },
      [...ended, "intent"],
      "timedOut",
    ],
    ["the end", {}, { kind: "complete" }, { updatedAt: now, endedAt: now }, [...ended, "intent"], "pass"],
    [
      "a failure",
      {},
      { kind: "fail", failure: { error: "Boom", cause: "why", state: "Charge" } },
      {
        ...{ updatedAt: now, endedAt: now, failure: group },
        error: { error: "Boom", cause: "why", state: "Charge" },
      },
      [...ended, "intent"],
      "pass",
    ],
  ];
  const stopped = (reason: string, id: string) => ({
    updatedAt: now,
    pausedBy: { kind: "user", id, reason, at: now, state: "Charge" },
  });
  const cleared = ["waitingOn", "parkedAt", "stepping"];
  const stops: typeof writes = [
    ["a breakpoint", { pauseBefore: before }, {}, stopped("Breakpoint at Charge", "bea"), cleared, "paused"],
    [
      "a breakpoint with a reason, after a hold",
      { status: "paused", pausedBy: byFlow, runAs: "system", pauseBefore: { ...before, reason: "look" } },
      {},
      stopped("Breakpoint at Charge: look", "bea"),
      ["parkedAt", "waitingOn", "stepping"],
      "paused",
    ],
    ["the end of two steps", { stepping: steps(0) }, {}, stopped("After 2 steps", "ci"), cleared, "paused"],
    [
      "the end of one step",
      { stepping: { ...steps(0), of: 1 } },
      {},
      stopped("After 1 step", "ci"),
      cleared,
      "paused",
    ],
    ["a step of two", { stepping: steps(2) }, {}, { currentStep: charge, stepping: steps(1) }, [], "pass"],
    [
      "a later attempt of a step of two",
      { stepping: steps(1), currentStep: charge },
      { retry: 2 },
      { currentStep: retried },
      [],
      "pass",
    ],
  ];
  test.each([...writes, ...stops])("writes %s", (_name, record, question, set, remove, answer) => {
    expect(decideGate(run(record), gate(question), NOW)).toMatchObject({ kind: "write", answer });
    const { patch } = decideGate(run(record), gate(question), NOW) as {
      patch: { set: object; remove: readonly string[] };
    };
    expect(patch).toEqual({ set, remove });
  });

  test("the end of a run without steps is its start, too", () => {
    const { startedAt: _none, ...pending } = run({ status: "pending" });
    const decision = (kind: "complete" | "fail") => decideGate(pending, gate({ kind }), NOW);
    for (const kind of ["complete", "fail"] as const)
      expect(decision(kind)).toMatchObject({ patch: { set: { startedAt: at("11:59:59"), endedAt: now } } });
    const begun = decideGate(run({}), gate({ kind: "complete" }), NOW);
    expect(begun).not.toHaveProperty("patch.set.startedAt");
  });

  test("begins without a deadline or a check where there is none", () => {
    const { startedAt: _none, ...pending } = run({ status: "pending" });
    const decision = decideGate(pending, gate(), NOW) as { patch: { set: object } };
    expect(decision.patch.set).toEqual({ startedAt: now, updatedAt: now, currentStep: charge });
  });

  test("a wait inside a branch passes while another branch waits", () => {
    expect(decideGate(run({ status: "waiting" }), gate({ topLevel: false }), NOW)).toEqual({ kind: "pass" });
  });

  test("another visit that was entered at the same time has not passed", () => {
    expect(decideGate(run({ currentStep: later }), gate(), NOW)).toMatchObject({ kind: "write" });
    const failed = run({ status: "paused", pausedBy: byUser, currentStep: later });
    expect(decideGate(failed, gate(), NOW)).toEqual({ kind: "refuse", why: "paused" });
    expect(decideGate(run({ status: "cancelled", error: TIMED_OUT }), gate(), NOW)).toEqual({
      ...{ kind: "refuse", why: "closed" },
    });
  });

  test("begins with the machine's deadline, and keeps the start's due time for a first check", () => {
    const intent = { id: "i", due: at("12:01:00"), kinds: ["start"], tries: 0 } as const;
    const { startedAt: _none, ...pending } = run({ status: "pending", intent });
    expect(decideGate(pending, gate({ timeoutSeconds: 90 }), NOW)).toEqual({
      kind: "write",
      transitions: ["begin"],
      patch: {
        set: {
          startedAt: at("12:00:00"),
          updatedAt: at("12:00:00"),
          deadline: at("12:01:30"),
          checkAt: at("12:01:00"),
          currentStep: charge,
        },
        remove: ["intent"],
      },
      answer: "pass",
    });
  });

  test("extends the deadline of a released run by the time that it was held", () => {
    const held = run({ status: "paused", pausedBy: byFlow, deadline: at("11:45:00") });
    const decision = decideGate(held, gate(), NOW);
    expect(decision).toMatchObject({ patch: { set: { deadline: at("12:15:00") } } });
  });

  test("extends the deadline of a paused run by the time until the error halts it", () => {
    const failure = { error: "Boom", cause: "", state: "Charge" };
    const halts = { ...charge, onFailure: "pause" } as const;
    const paused = run({ status: "paused", pausedBy: byUser, deadline: at("11:45:00"), currentStep: halts });
    expect(decideGate(paused, gate({ kind: "fail", failure }), NOW)).toMatchObject({
      transitions: ["halt"],
      patch: { set: { deadline: at("12:15:00"), pausedBy: { kind: "error", at: at("12:00:00") } } },
    });
  });

  test("shortens the cause in the run item", () => {
    const failure = { error: "Boom", cause: "x".repeat(5_000), state: "Charge", stepId: "charge-1" };
    const decision = decideGate(run({}), gate({ kind: "fail", failure }), NOW);
    expect(decision).toMatchObject({
      patch: {
        set: { error: { error: "Boom", cause: "x".repeat(300), state: "Charge", stepId: "charge-1" } },
      },
    });
  });
});
