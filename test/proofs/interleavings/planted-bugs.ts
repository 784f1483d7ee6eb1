import type { Dependencies } from "../../../functions/dependencies/dependencies.ts";
import type { FlowItem } from "../../../shared/store/flows/flow-item.ts";
import type { HoldItem } from "../../../shared/store/flows/holds.ts";
import type { ParkItem, ParkOwner } from "../../../shared/store/runs/parks.ts";
import type { Decorate } from "../harness/environment.ts";
import { currentInvocation, type Invocation } from "../harness/observer.ts";
import type { OperationName } from "./operations.ts";
import type { Plan } from "./plan.ts";
import type { SituationName } from "./situations.ts";

/** A mistake in the protocols, planted by wrapping the handlers' dependencies. */
export interface Bug {
  readonly description: string;
  readonly plant: (deps: Dependencies) => Partial<Dependencies>;
  /** The schedules in which the bug shows early. */
  readonly where: {
    readonly operations: readonly OperationName[];
    readonly situation: SituationName;
    readonly planned?: Pick<Plan, "fault" | "stall">;
  };
}

/** A dependency with some of its methods replaced. */
const replaced = <Part extends object>(part: Part, methods: Partial<Part>): Part =>
  new Proxy(part, {
    get(target, name) {
      return Object.hasOwn(methods, name) ? Reflect.get(methods, name) : bound(target, name);
    },
  });

/** A member of a part; a method is bound to the part, whose private fields a proxy does not have. */
const bound = (part: object, name: string | symbol): unknown => {
  const member: unknown = Reflect.get(part, name, part);
  return typeof member === "function" ? member.bind(part) : member;
};

const inFunction = (...names: string[]): boolean => names.includes(currentInvocation()?.functionName ?? "");

const deletesFirst: Bug["plant"] = ({ parks, executions }) => {
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

const queriesFirst: Bug["plant"] = ({ parks, runs }) => {
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

const schedulesLast: Bug["plant"] = ({ schedules, flows }) => {
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
const believesTheHold: Bug["plant"] = ({ holds }) => ({
  holds: replaced(holds, {
    get: async (workspace, flowId, incarnation) => {
      const hold = await holds.get(workspace, flowId, incarnation);
      const afterQueueing = inFunction("sluice-dispatch", "sluice-control", "sluice-publish");
      return afterQueueing ? ({ ...hold, ...HELD } as unknown as HoldItem) : hold;
    },
  }),
});

const clearsAnyIntent: Bug["plant"] = ({ runs }) => ({
  runs: replaced(runs, {
    clearIntent: async (record) => {
      const now = await runs.get(record.workspace, record.runId);
      if (now?.intent !== undefined) await runs.clearIntent(now, now.intent.id);
    },
  }),
});

/** Repeats the answers of an invocation's first reads for its later ones. */
const believesTheFirstRead: Bug["plant"] = ({ runs, holds }) => {
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

/** Records that a run waits, but takes the key for full without a look. */
const believesTheRefusal: Bug["plant"] = ({ slots }) => ({
  slots: replaced(slots, {
    announce: async (...waits) => {
      const { holders, ...item } = await slots.announce(...waits);
      return { ...item, holders: { ...holders, stale: 0 } };
    },
  }),
});

const seesNobodyWait: Bug["plant"] = ({ slotQueues }) => ({
  slotQueues: replaced(slotQueues, {
    head: async (...key) =>
      inFunction("sluice-control", "sluice-execution-closed") ? [] : slotQueues.head(...key),
  }),
});

export const BUGS = {
  a: {
    description: "wake deletes the park before it sends the token",
    plant: deletesFirst,
    where: { operations: ["resume the run"], situation: "paused and parked" },
  },
  b: {
    description: "the parks are queried before the write that resumes",
    plant: queriesFirst,
    where: { operations: ["resume the run"], situation: "paused again, its next step finishing" },
  },
  c: {
    description: "the schedule is created after the hold",
    plant: schedulesLast,
    where: {
      operations: ["pause the flow"],
      situation: "running, in a step",
      // It dies after the write of the hold.
      planned: { fault: { actor: 0, call: 3, kind: "dies after" } },
    },
  },
  d: {
    description: "the hold is not read again after queueing",
    plant: believesTheHold,
    where: { operations: ["dispatch", "resume the flow"], situation: "held by its flow" },
  },
  e: {
    description: "an intent is cleared without its id",
    plant: clearsAnyIntent,
    where: {
      operations: ["resume the run", "pause the run", "resume the run"],
      situation: "paused again, its next step finishing",
      // The first is slow before it clears its intent. The last dies after the write of its own intent.
      planned: { stall: { actor: 0, call: 5 }, fault: { actor: 2, call: 2, kind: "dies after" } },
    },
  },
  f: {
    description: "the parker does not read again what holds",
    plant: believesTheFirstRead,
    where: { operations: ["resume the run"], situation: "paused again, its next step finishing" },
  },
  g: {
    description: "a record that begins to wait does not look whether a slot has come free",
    plant: believesTheRefusal,
    where: { operations: ["dispatch"], situation: "running with the only slot" },
  },
  h: {
    description: "the end of a run does not pass on its slot",
    plant: seesNobodyWait,
    where: {
      operations: ["cancel the run"],
      situation: "running with the only slot, and another waits for it",
    },
  },
} as const satisfies Record<string, Bug>;
export type BugName = keyof typeof BUGS;

/** Plants the bug that `which` names at the moment of each call, if any. Handlers keep their dependencies, so each one is wrapped by itself. */
export const withBug =
  (which: () => BugName | undefined): Decorate =>
  (deps) => {
    const variants = new Map<BugName, Dependencies>();
    const current = (): Dependencies => {
      const bug = which();
      if (bug === undefined) return deps;
      const known = variants.get(bug) ?? { ...deps, ...BUGS[bug].plant(deps) };
      variants.set(bug, known);
      return known;
    };
    const wrapped = (name: keyof Dependencies): unknown => {
      const part: unknown = deps[name];
      if (typeof part !== "object" || part === null) return part;
      return new Proxy(part, { get: (_part, member) => bound(current()[name] as object, member) });
    };
    const names = Object.keys(deps) as (keyof Dependencies)[];
    return Object.fromEntries(names.map((name) => [name, wrapped(name)])) as unknown as Dependencies;
  };
