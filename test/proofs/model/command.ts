import fc from "fast-check";
import { WHILE_HELD, type WhileHeld } from "../../../shared/model/triggers.ts";
import type { Fault } from "../harness/fault-injector.ts";
import { FUNCTIONS, SHAPES } from "../harness/flow-shapes.ts";
import { type FlowKind, HOLDS } from "./state.ts";

export const FLOWS = ["one", "two"] as const;
const RUN_ACTIONS = ["pause", "resume", "cancel"] as const;
/** The actions of bulk operations, each with the options that it is sent with. */
export const BULK = {
  pause: { action: "pause" },
  resume: { action: "resume" },
  cancel: { action: "cancel" },
  delete: { action: "delete" },
  replay: { action: "replay" },
  "resume on the same": { action: "resume", version: "same" },
  "resume on the latest": { action: "resume", version: "latest" },
  "give up": { action: "resume", giveUp: true },
  "replay from the failed step": { action: "replay", from: "failed-step" },
} as const;
type BulkName = keyof typeof BULK;
const BULK_NAMES = Object.keys(BULK) as BulkName[];

/** A user's or the environment's action. `run` counts from the newest run, deleted runs included. */
export type Action =
  | { readonly do: "publish"; readonly flow: string; readonly shape: string }
  | { readonly do: "activate"; readonly flow: string; readonly back: number }
  | {
      readonly do: "dispatch";
      readonly flow: string;
      readonly key?: number;
      readonly body: number;
      readonly priority?: number;
    }
  | { readonly do: "batch"; readonly flow: string; readonly size: number }
  | {
      readonly do: "pause flow";
      readonly flow: string;
      readonly mode: "queue" | "reject" | "finish";
      readonly hours?: number;
    }
  | {
      readonly do: "plan pause";
      readonly flow: string;
      readonly mode: "queue" | "reject";
      /** Hours until it begins. */
      readonly after: number;
      readonly hours: number;
      /** The index of the only part that it holds. */
      readonly at?: number;
    }
  | { readonly do: "cancel plan"; readonly flow: string }
  /** Holds one part, by its index. */
  | { readonly do: "hold step"; readonly flow: string; readonly at: number; readonly hours?: number }
  /** Lifts one of the holds on parts by its id. */
  | { readonly do: "lift step"; readonly flow: string; readonly nth: number }
  | {
      readonly do: "resume flow";
      readonly flow: string;
      readonly rate: number;
      readonly holds?: (typeof HOLDS)[number][];
      /** Whether a canary begins first, which the resume then replaces. */
      readonly canary?: true;
      /** Whether the drain begins with one a second. */
      readonly ramp?: true;
    }
  /** Begins a canary of one run, which the sequence plays to its end. */
  | { readonly do: "send canary"; readonly flow: string; readonly holds?: (typeof HOLDS)[number][] }
  | { readonly do: "cap"; readonly flow: string; readonly limit: number | null }
  | { readonly do: "cap errors"; readonly flow: string; readonly on: boolean }
  /** Limits how many runs are under way: of all, or of those whose ids end with an even digit and those with an odd one. */
  | { readonly do: "limit"; readonly flow: string; readonly most: number | null; readonly byDigit: boolean }
  | { readonly do: "hold failures"; readonly flow: string; readonly on: boolean }
  | { readonly do: "delete flow"; readonly flow: string }
  | {
      readonly do: "put trigger";
      readonly flow: string;
      readonly whileHeld: WhileHeld;
      readonly enabled: boolean;
    }
  | { readonly do: "delete trigger"; readonly flow: string }
  /** The trigger's schedule has some events, or delivers the last one again. A flow without one is given a trigger first. */
  | {
      readonly do: "fire";
      readonly flow: string;
      readonly times: number;
      readonly whileHeld: WhileHeld;
      readonly again?: true;
    }
  /** Attaches a team's flow, or deploys the next version of its template. */
  | { readonly do: "attach"; readonly flow: string; readonly shape: string }
  | { readonly do: "detach"; readonly flow: string }
  /** Somebody other than Sluice starts an execution of a team's machine. */
  | { readonly do: "start"; readonly flow: string }
  | {
      readonly do: (typeof RUN_ACTIONS)[number];
      readonly run: number;
      readonly match?: "fresh" | "stale";
    }
  | { readonly do: "pause before"; readonly run: number; readonly at: number }
  | { readonly do: "resume for steps"; readonly run: number; readonly steps: number }
  | {
      readonly do: "resume elsewhere";
      readonly run: number;
      readonly version: "same" | "latest";
      /** The index of the part at which the run stands, if the request names it. */
      readonly at?: number;
    }
  | { readonly do: "give up"; readonly run: number }
  | { readonly do: "delete run"; readonly run: number }
  | { readonly do: "answer"; readonly run: number; readonly decision: "approved" | "rejected" }
  | { readonly do: "replay"; readonly run: number; readonly from: "start" | "failed-step" | number }
  | {
      readonly do: "bulk";
      readonly action: BulkName;
      readonly flow: string;
      readonly status?: string;
    }
  | { readonly do: "block" | "release" | "break" | "mend"; readonly fn: string }
  | { readonly do: "move the clock"; readonly by: "PT12H" | "P15D" }
  | { readonly do: "sweep" }
  /** Delivers an earlier event of one of Sluice's functions again. */
  | { readonly do: "redeliver"; readonly nth: number };

/** A fault of one AWS call in the next invocation of a function, or a second delivery of that invocation. */
export interface CommandFault {
  /** `api`: the function that handles the command's request. */
  readonly of: (typeof FAULTY)[number];
  readonly how: (typeof HOW)[number];
  /** The number of the call, from 1. */
  readonly call: number;
}
const FAULTY = [
  ...["api", "sluice-gate", "sluice-park", "sluice-drain", "sluice-sweep", "sluice-auto-resume"],
  ...["sluice-human-step", "sluice-execution-closed", "sluice-bulk-batch", "sluice-publish-changes"],
  "sluice-intake",
] as const;
const HOW = [
  ...(["dies before", "dies after", "fails", "loses its answer"] as const satisfies readonly Fault[]),
  "comes twice",
] as const;

export type Command = Action & { readonly fault?: CommandFault };

const flow = fc.constantFrom("one", "one", "one", "two");
const shape = fc.constantFrom(...Object.keys(SHAPES));
const fn = fc.constantFrom(...FUNCTIONS);
const run = fc.nat({ max: 5 });
const one = fc.record;
const just = <T extends string>(text: T) => fc.constant(text);

const action: fc.Arbitrary<Action> = fc.oneof(
  {
    weight: 10,
    arbitrary: one({
      do: just("dispatch"),
      flow,
      body: fc.constant(0),
      priority: fc.constantFrom(5, 5, 5, 0, 9),
    }),
  },
  {
    weight: 3,
    arbitrary: one({ do: just("dispatch"), flow, key: fc.nat({ max: 1 }), body: fc.nat({ max: 1 }) }),
  },
  { weight: 3, arbitrary: one({ do: just("batch"), flow, size: fc.integer({ min: 2, max: 3 }) }) },
  { weight: 2, arbitrary: one({ do: just("publish"), flow, shape }) },
  { weight: 1, arbitrary: one({ do: just("activate"), flow, back: fc.nat({ max: 2 }) }) },
  {
    weight: 6,
    arbitrary: one(
      {
        do: just("pause flow"),
        flow,
        mode: fc.constantFrom("queue", "queue", "queue", "reject", "finish", "finish"),
        hours: fc.constantFrom(18, 18, 18, 24 * 15),
      },
      { requiredKeys: ["do", "flow", "mode"] },
    ),
  },
  {
    weight: 3,
    arbitrary: one(
      {
        ...{ do: just("plan pause"), flow, mode: fc.constantFrom("queue", "reject") },
        ...{ after: fc.constantFrom(5, 5, 17, 24 * 91), hours: fc.constantFrom(3, 22) },
        at: fc.nat({ max: 2 }),
      },
      { requiredKeys: ["do", "flow", "mode", "after", "hours"] },
    ),
  },
  { weight: 1, arbitrary: one({ do: just("cancel plan"), flow }) },
  {
    weight: 6,
    arbitrary: one(
      {
        ...{ do: just("hold step"), flow, at: fc.nat({ max: 2 }) },
        hours: fc.constantFrom(18, 18, 18, 24 * 15),
      },
      { requiredKeys: ["do", "flow", "at"] },
    ),
  },
  { weight: 3, arbitrary: one({ do: just("lift step"), flow, nth: fc.nat({ max: 2 }) }) },
  {
    weight: 6,
    arbitrary: one(
      {
        ...{ do: just("resume flow"), flow, rate: fc.constantFrom(1, 50) },
        holds: fc.subarray([...HOLDS], { minLength: 1 }),
        ramp: fc.constant(true as const),
        canary: fc.constant(true as const),
      },
      { requiredKeys: ["do", "flow", "rate"] },
    ),
  },
  {
    weight: 4,
    arbitrary: one(
      { do: just("send canary"), flow, holds: fc.subarray([...HOLDS], { minLength: 1 }) },
      { requiredKeys: ["do", "flow"] },
    ),
  },
  { weight: 2, arbitrary: one({ do: just("cap"), flow, limit: fc.constantFrom(1, 2, 4, null) }) },
  { weight: 3, arbitrary: one({ do: just("cap errors"), flow, on: fc.constantFrom(true, true, false) }) },
  {
    weight: 4,
    arbitrary: one({
      ...{ do: just("limit"), flow },
      ...{ most: fc.constantFrom(1, 1, 2, 3, null), byDigit: fc.boolean() },
    }),
  },
  { weight: 2, arbitrary: one({ do: just("hold failures"), flow, on: fc.boolean() }) },
  { weight: 1, arbitrary: one({ do: just("delete flow"), flow }) },
  {
    weight: 5,
    arbitrary: one({
      ...{ do: just("put trigger"), flow, whileHeld: fc.constantFrom(...WHILE_HELD, "latest" as const) },
      enabled: fc.constantFrom(true, true, true, false),
    }),
  },
  { weight: 1, arbitrary: one({ do: just("delete trigger"), flow }) },
  {
    weight: 14,
    arbitrary: one(
      {
        ...{ do: just("fire"), flow, times: fc.constantFrom(1, 2, 3) },
        whileHeld: fc.constantFrom("latest", "latest", ...WHILE_HELD),
        again: fc.constant(true as const),
      },
      { requiredKeys: ["do", "flow", "times", "whileHeld"] },
    ),
  },
  { weight: 2, arbitrary: one({ do: just("attach"), flow, shape }) },
  { weight: 2, arbitrary: one({ do: just("detach"), flow }) },
  { weight: 8, arbitrary: one({ do: just("start"), flow }) },
  {
    weight: 14,
    arbitrary: one(
      {
        do: fc.constantFrom("pause", "pause", "resume", "resume", "cancel"),
        ...{ run, match: fc.constantFrom("fresh" as const, "stale" as const) },
      },
      { requiredKeys: ["do", "run"] },
    ),
  },
  { weight: 4, arbitrary: one({ do: just("pause before"), run, at: fc.nat({ max: 3 }) }) },
  {
    weight: 4,
    arbitrary: one({ do: just("resume for steps"), run, steps: fc.integer({ min: 1, max: 2 }) }),
  },
  {
    weight: 7,
    arbitrary: one({ do: just("resume elsewhere"), run, version: fc.constantFrom("same", "latest") }),
  },
  { weight: 2, arbitrary: one({ do: just("give up"), run }) },
  { weight: 2, arbitrary: one({ do: just("delete run"), run }) },
  {
    weight: 4,
    arbitrary: one({ do: just("answer"), run, decision: fc.constantFrom("approved", "rejected") }),
  },
  {
    weight: 4,
    arbitrary: one({
      do: just("replay"),
      run,
      from: fc.oneof(just("start"), just("failed-step"), fc.nat({ max: 2 })),
    }),
  },
  {
    weight: 3,
    arbitrary: one(
      {
        ...{ do: just("bulk"), action: fc.constantFrom(...BULK_NAMES), flow },
        status: fc.constantFrom("paused", "failed", "waiting", "pending"),
      },
      { requiredKeys: ["do", "action", "flow"] },
    ),
  },
  { weight: 9, arbitrary: one({ do: fc.constantFrom("block", "release", "release"), fn }) },
  { weight: 4, arbitrary: one({ do: fc.constantFrom("break", "mend"), fn }) },
  {
    weight: 5,
    arbitrary: one({ do: just("move the clock"), by: fc.constantFrom("PT12H", "PT12H", "P15D") }),
  },
  { weight: 1, arbitrary: one({ do: just("sweep") }) },
  { weight: 3, arbitrary: one({ do: just("redeliver"), nth: fc.nat({ max: 20 }) }) },
);

/** Weights: functions with more calls are struck more often. */
const BUSY: Readonly<Record<string, number>> = {
  api: 10,
  "sluice-gate": 6,
  "sluice-park": 3,
  "sluice-drain": 3,
  "sluice-intake": 3,
};
const fault: fc.Arbitrary<CommandFault> = one({
  of: fc.oneof(...FAULTY.map((name) => ({ weight: BUSY[name] ?? 1, arbitrary: fc.constant(name) }))),
  how: fc.constantFrom(...HOW),
  call: fc.oneof(
    { weight: 3, arbitrary: fc.integer({ min: 1, max: 4 }) },
    { weight: 1, arbitrary: fc.integer({ min: 5, max: 9 }) },
  ),
});

const command: fc.Arbitrary<Command> = fc
  .tuple(action, fc.option(fault, { freq: 3, nil: undefined }))
  .map(([done, wrong]) => (wrong === undefined ? done : { ...done, fault: wrong }));

/**
 * The kinds of the flows, the shapes of their first versions, the flows that hold failures or have a limit from the start, the functions that fail and are blocked
 * from the start, and the commands.
 */
export interface Sequence {
  readonly kinds: readonly FlowKind[];
  readonly shapes: readonly string[];
  readonly holding: readonly string[];
  /** The flows that have a concurrency limit of one from the start. */
  readonly limited: readonly string[];
  readonly failing: readonly string[];
  readonly blocked: readonly string[];
  readonly commands: readonly Command[];
}
const kind = fc.constantFrom<FlowKind>("published", "published", "attached", "registered");
export const sequences: fc.Arbitrary<Sequence> = one({
  kinds: fc.tuple(kind, kind),
  shapes: fc.tuple(shape, shape),
  holding: fc.subarray([...FLOWS], { minLength: 1 }),
  limited: fc.subarray([...FLOWS]),
  failing: fc.constantFrom([], [], [], ["a"], ["b"], ["b", "c"]),
  blocked: fc.subarray([...FUNCTIONS], { maxLength: 2 }),
  commands: fc.array(command, { minLength: 6, maxLength: 18, size: "max" }),
});

export const describeCommand = ({ fault: wrong, ...done }: Command): string => {
  const { do: what, ...more } = done;
  const details = Object.entries(more)
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => ` ${name}=${JSON.stringify(value)}`);
  const broken = wrong === undefined ? "" : `   [${wrong.of}: call ${wrong.call} ${wrong.how}]`;
  return `${what}${details.join("")}${broken}`;
};
