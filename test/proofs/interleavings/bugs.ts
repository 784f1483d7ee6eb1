import type { Dependencies } from "../../../functions/dependencies/dependencies.ts";
import type { FlowItem } from "../../../shared/store/flows/flow-item.ts";
import type { HoldItem } from "../../../shared/store/flows/holds.ts";
import type { ParkItem, ParkOwner } from "../../../shared/store/runs/parks.ts";
import { currentInvocation, type Decorate, type Invocation } from "../harness/proof-stack.ts";
import type { OperationName } from "./operations.ts";
import type { SituationName } from "./situations.ts";
import type { Plan } from "./stage.ts";

/** A mistake that the protocols must not have, made by wrapping the handlers' parts. */
export interface Bug {
  readonly what: string;
  readonly make: (deps: Dependencies) => Partial<Dependencies>;
  /** Where it is looked for first, so that it is found soon. */
  readonly where: {
    readonly operations: readonly OperationName[];
    readonly situation: SituationName;
    readonly befalls?: Pick<Plan, "mishap" | "stall">;
  };
}

/** The part with some of its methods replaced. */
const replaced = <Part extends object>(part: Part, methods: Partial<Part>): Part =>
  new Proxy(part, {
    get(target, name) {
      if (Object.hasOwn(methods, name)) return Reflect.get(methods, name);
      const member: unknown = Reflect.get(target, name, target);
      return typeof member === "function" ? member.bind(target) : member;
    },
  });

const inFunction = (...names: string[]): boolean => names.includes(currentInvocation()?.functionName ?? "");

const deletesFirst: Bug["make"] = ({ parks, executions }) => {
  const owners = new Map<string, { owner: ParkOwner; park: ParkItem }>();
  const noted = async function* (found: AsyncGenerator<ParkItem>, ownerOf: (park: ParkItem) => ParkOwner) {
    for await (const park of found) {
      owners.set(park.token, { owner: ownerOf(park), park });
      yield park;
    }
  };
  return {
    parks: replaced(parks, {
      ofRun: (run, own) => noted(parks.ofRun(run, own), () => run),
      ofFlow: (flow) => noted(parks.ofFlow(flow), ({ runId }) => ({ ...flow, runId })),
      put: async (owner, park) => {
        owners.set(park.token, { owner, park });
        await parks.put(owner, park);
      },
    }),
    executions: replaced(executions, {
      succeed: async (token, output) => {
        const known = owners.get(token);
        if (known !== undefined) await parks.delete(known.owner, known.park);
        return executions.succeed(token, output);
      },
    }),
  };
};

const queriesFirst: Bug["make"] = ({ parks, runs }) => {
  const before = new Map<string, ParkItem[]>();
  return {
    runs: replaced(runs, {
      changeStatus: async (record, changes, patch) => {
        if (changes[0].transition === "resume") {
          const found: ParkItem[] = [];
          for await (const park of parks.ofRun(record)) found.push(park);
          before.set(record.runId, found);
        }
        return runs.changeStatus(record, changes, patch);
      },
    }),
    parks: replaced(parks, {
      async *ofRun(run, own) {
        const stale = inFunction("sluice-control") ? before.get(run.runId) : undefined;
        if (stale === undefined) yield* parks.ofRun(run, own);
        else yield* stale;
      },
    }),
  };
};

const schedulesLast: Bug["make"] = ({ schedules, flows }) => {
  const put = new Map<string, () => Promise<void>>();
  return {
    schedules: replaced(schedules, {
      createEnd: async (event, at) => void put.set(event.holdId, () => schedules.createEnd(event, at)),
    }),
    flows: replaced(flows, {
      change: async (was: FlowItem, next: FlowItem, ...entries) => {
        const changed = await flows.change(was, next, ...entries);
        for (const { id } of Object.values(next.holds)) {
          if (changed) await put.get(id)?.();
          put.delete(id);
        }
        return changed;
      },
    }),
  };
};

const HELD = { holds: { manual: { id: "stale", since: "", by: { kind: "user", id: "" } } } };
const believesTheHold: Bug["make"] = ({ holds }) => ({
  holds: replaced(holds, {
    get: async (workspace, flowId, incarnation) => {
      const hold = await holds.get(workspace, flowId, incarnation);
      const afterQueueing = inFunction("sluice-dispatch", "sluice-control", "sluice-publish");
      return afterQueueing ? ({ ...hold, ...HELD } as unknown as HoldItem) : hold;
    },
  }),
});

const clearsAnyIntent: Bug["make"] = ({ runs }) => ({
  runs: replaced(runs, {
    clearIntent: async (record) => {
      const now = await runs.get(record.workspace, record.runId);
      if (now?.intent !== undefined) await runs.clearIntent(now, now.intent.id);
    },
  }),
});

/** The answers of an invocation's first reads, given again to the later ones. */
const believesTheFirstRead: Bug["make"] = ({ runs, holds }) => {
  const read = new WeakMap<Invocation, Map<string, Promise<unknown>>>();
  const once = <T>(what: string, ask: () => Promise<T>): Promise<T> => {
    const invocation = currentInvocation();
    if (invocation === undefined || !inFunction("sluice-park")) return ask();
    const known = read.get(invocation) ?? new Map<string, Promise<unknown>>();
    read.set(invocation, known);
    if (!known.has(what)) known.set(what, ask());
    return known.get(what) as Promise<T>;
  };
  return {
    runs: replaced(runs, { get: (...key) => once("run", () => runs.get(...key)) }),
    holds: replaced(holds, { get: (...key) => once("hold", () => holds.get(...key)) }),
  };
};

export const BUGS = {
  a: {
    what: "wake deletes the park before it sends the token",
    make: deletesFirst,
    where: { operations: ["resume the run"], situation: "paused and parked" },
  },
  b: {
    what: "the parks are queried before the write that resumes",
    make: queriesFirst,
    where: { operations: ["resume the run"], situation: "paused once more, its next step finishing" },
  },
  c: {
    what: "the schedule is created after the hold",
    make: schedulesLast,
    where: {
      operations: ["pause the flow"],
      situation: "running, in a step",
      // It dies after the write that holds.
      befalls: { mishap: { actor: 0, call: 3, kind: "dies after" } },
    },
  },
  d: {
    what: "the hold is not read again after queueing",
    make: believesTheHold,
    where: { operations: ["dispatch", "resume the flow"], situation: "held by its flow" },
  },
  e: {
    what: "an intent is cleared without its id",
    make: clearsAnyIntent,
    where: {
      operations: ["resume the run", "pause the run", "resume the run"],
      situation: "paused once more, its next step finishing",
      // The first is slow before it clears, and the last dies after the write that leaves its own intent.
      befalls: { stall: { actor: 0, call: 5 }, mishap: { actor: 2, call: 2, kind: "dies after" } },
    },
  },
  f: {
    what: "the parker does not read again what holds",
    make: believesTheFirstRead,
    where: { operations: ["resume the run"], situation: "paused once more, its next step finishing" },
  },
} as const satisfies Record<string, Bug>;
export type BugName = keyof typeof BUGS;

/** The handlers' parts with the bug that `which` names at the moment, if it names one. */
export const switchable =
  (which: () => BugName | undefined): Decorate =>
  (deps) => {
    const made = new Map<BugName, Dependencies>();
    const current = (): Dependencies => {
      const bug = which();
      if (bug === undefined) return deps;
      const known = made.get(bug) ?? { ...deps, ...BUGS[bug].make(deps) };
      made.set(bug, known);
      return known;
    };
    return new Proxy(deps, { get: (_target, name) => Reflect.get(current(), name) });
  };
