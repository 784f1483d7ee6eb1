import type { Canary } from "../../../shared/model/holds/canary.ts";
import { AttachmentStore } from "../../../shared/store/flows/attachments.ts";
import { CounterStore } from "../../../shared/store/flows/counters.ts";
import { type FlowDeletion, FlowDeletionStore } from "../../../shared/store/flows/flow-deletions.ts";
import type { FlowItem } from "../../../shared/store/flows/flow-item.ts";
import { FlowStore } from "../../../shared/store/flows/flows.ts";
import { type MeterKind, type MeterLimit, MeterStore } from "../../../shared/store/flows/meters.ts";
import { QueueStore, queueItem } from "../../../shared/store/flows/queues.ts";
import { type VersionItem, VersionStore } from "../../../shared/store/flows/versions.ts";
import { type ItemKey, keys } from "../../../shared/store/keys.ts";
import type { Table } from "../../../shared/store/table.ts";
import { type ConditionalWrite, changing, deleting, type Prepared } from "./conditional-write.ts";

const NOW = Date.parse("2026-03-01T12:00:10.000Z");
const AT = "2026-03-01T12:00:00.000Z";
const LATER = "2026-03-01T12:05:00.000Z";
const CHECKED = { machineArn: "arn:machine", whenUnreachable: "pass" as const };
const CANARY: Canary = {
  ...{ id: "canary", holds: ["h"], state: "running", count: 1, since: AT, until: LATER },
  ...{ by: { kind: "user", id: "ann" }, runs: [], through: 0, round: 2 },
};
const DRAIN = { epoch: 3, attempt: 2, rate: 50, due: AT, since: AT };

interface Subject {
  readonly table: Table;
  readonly flow: FlowItem;
  readonly flows: FlowStore;
  readonly deletions: FlowDeletionStore;
  readonly deletion: FlowDeletion;
  readonly set: (attributes: Readonly<Record<string, unknown>>) => () => Promise<unknown>;
}
type Use = (
  subject: Subject,
) => Promise<Omit<Prepared, "items"> & Partial<Prepared>> | (Omit<Prepared, "items"> & Partial<Prepared>);

const flowOf = (nth: number, fields: Partial<FlowItem> = {}): FlowItem => ({
  ...{
    workspace: "demo",
    flowId: `flow-${nth}`,
    incarnation: "mmmmmmmmmmmmmmmm",
    name: "f",
    description: "",
  },
  ...{ runAs: "system", version: 1, rev: 5, epoch: 3, mode: "queue", holds: {}, caps: {} },
  ...{ createdAt: AT, updatedAt: AT },
  ...fields,
});

const ofFlow =
  (fields: Partial<FlowItem>, use: Use): ConditionalWrite =>
  async (table, nth) => {
    const flows = new FlowStore(table);
    const flow = flowOf(nth, fields);
    await flows.create(flow);
    const key = keys.flow("demo", flow.flowId);
    const deletion = {
      ...{ workspace: "demo", flowId: flow.flowId, incarnation: flow.incarnation, since: AT, due: AT },
      ...{ by: { kind: "user" as const, id: "ann" }, tries: 0, committed: false },
    };
    const subject = {
      ...{ table, flow, flows, deletion, deletions: new FlowDeletionStore(table) },
      set: (attributes: Readonly<Record<string, unknown>>) => changing(table, key, attributes),
    };
    return { items: [key], ...(await use(subject)) };
  };

const others = ({ set }: Subject) => ({
  "another change": set({ rev: 6 }),
  "another flow of this id": set({ incarnation: "zzzzzzzzzzzzzzzz" }),
  "an earlier flow of this id": set({ incarnation: "aaaaaaaaaaaaaaaa" }),
});
const beginning = ({ set }: Subject) => ({ "the begin of its deletion": set({ deleting: true }) });
const drains = ({ set }: Subject) => ({
  "another epoch": set({ drain: { ...DRAIN, epoch: 4 } }),
  "another attempt": set({ drain: { ...DRAIN, attempt: 3 } }),
  "the drain's end": set({ drain: undefined }),
});

const VERSION: VersionItem = {
  ...{ version: 2, createdAt: AT, createdBy: "ann", warnings: [], definitionHash: "h", runAs: "system" },
};

/** A version that is ready to start runs. */
const published = async ({ table, flow }: Subject, fields: Partial<VersionItem> = {}) => {
  const key = keys.version("demo", flow.flowId, flow.incarnation, 2);
  const machine = { ...VERSION, machineVersionArn: "arn:mine" };
  await table.put({ ...key, ...machine, ...fields });
  return {
    ...{ versions: new VersionStore(table), key, machine },
    set: (attributes: Readonly<Record<string, unknown>>) => changing(table, key, attributes),
  };
};

const meterOf = (nth: number) => ({ workspace: "demo", flowId: `metered-${nth}`, incarnation: "m" });
const limit: MeterLimit = { unit: "minute", limit: 10 };

const counted = async (table: Table, nth: number, kind: MeterKind) => {
  const meters = new MeterStore(table);
  const flow = meterOf(nth);
  await meters.add(flow, kind, 1, NOW);
  return { meters, flow, items: [keys.meter("demo", flow.flowId, "m", kind)] };
};

const MINUTE = 60_000;
const ENDS = {
  "the end of the minute": { unit: "minute", after: MINUTE },
  "the end of the hour": { unit: "hour", after: 60 * MINUTE },
  "the end of the day": { unit: "day", after: 24 * 60 * MINUTE },
  "the end of the month": { unit: "month", after: 31 * 24 * 60 * MINUTE },
} as const;

/** A count begins the next window where one has ended. */
const inPresentWindows =
  (kind: MeterKind, below?: MeterLimit): ConditionalWrite =>
  async (table, nth) => {
    const { meters, flow, items } = await counted(table, nth, kind);
    const units = kind === "spend" ? ["day", "month"] : ["minute", "hour", "day"];
    const ends = Object.entries(ENDS).filter(([, { unit }]) => units.includes(unit));
    let now = NOW;
    return {
      write: () => meters.add(flow, kind, 1, now, below),
      items,
      rivals: Object.fromEntries(
        ends.map(([name, { after }]) => [
          name,
          async () => {
            now = NOW + after;
          },
        ]),
      ),
      misled: async () => {
        const read = await meters.read(flow, kind);
        const over = ends.filter(([, { after }]) => NOW + after <= now);
        return over.some(([, { unit }]) => read.of(unit, now).used !== 1);
      },
    };
  };

/** The first count of a meter, or of a minute: it learns from a refusal where the windows stand, and writes on that. */
const firstCount =
  (before: readonly number[], below?: MeterLimit): ConditionalWrite =>
  async (table, nth) => {
    const meters = new MeterStore(table);
    const flow = meterOf(nth);
    const later = NOW + MINUTE;
    for (const amount of before) await meters.add(flow, "throughput", amount, NOW);
    let others = 0;
    let isCounted = false;
    const meanwhile = (amount: number, at: number) => async () =>
      table.arm(2, async () => {
        if (at === later) others += amount;
        await meters.add(flow, "throughput", amount, at);
      });
    return {
      write: async () => {
        isCounted = (await meters.add(flow, "throughput", 1, later, below)) !== undefined;
        return isCounted;
      },
      items: [keys.meter("demo", flow.flowId, "m", "throughput")],
      rivals: {
        "another first count": meanwhile(5, later),
        "all that the limit allows in the day": meanwhile(9, NOW),
      },
      misled: async () => {
        const read = await meters.read(flow, "throughput");
        const minute = read.of("minute", later).used;
        return (
          minute !== others + Number(isCounted) || (below?.unit === "day" && read.of("day", later).used > 10)
        );
      },
    };
  };

const machineOf = (table: Table, { flowId }: FlowItem) => {
  const arn = `arn:aws:states:eu-west-1:111122223333:stateMachine:${flowId}`;
  return { attachments: new AttachmentStore(table), arn, key: keys.attachedMachine(arn) };
};
/** Each attribute of the owner changes by itself, in both directions. */
const owners = (table: Table, key: ItemKey) =>
  Object.fromEntries(
    ["workspace", "flowId", "incarnation"].flatMap((name) =>
      ["a", "zzzzzzzzzzzzzzzzz"].map((value) => [
        `${name} ${value}`,
        changing(table, key, { [name]: value }),
      ]),
    ),
  );

export const FLOW_WRITES: Readonly<Record<string, ConditionalWrite>> = {
  "a flow's creation": async (table, nth) => {
    const flow = flowOf(nth);
    const key = keys.flow("demo", flow.flowId);
    const write = () => new FlowStore(table).create(flow);
    return { write, items: [key], rivals: { "the same flow": () => table.put({ ...key, rev: 9 }) } };
  },
  "a flow's description": ofFlow({}, (subject) => ({
    write: () =>
      subject.flows.updateDescription(subject.flow, { name: "new", description: "", updatedAt: LATER }),
    rivals: { ...others(subject), ...beginning(subject) },
  })),
  "a flow's change": ofFlow({}, (subject) => ({
    write: () => subject.flows.change(subject.flow, { ...subject.flow, rev: 6, mode: "reject" }),
    rivals: { ...others(subject), ...beginning(subject) },
  })),
  "a drain's next check": ofFlow({ drain: DRAIN }, (subject) => ({
    write: () => subject.flows.rescheduleDrain(subject.flow, { ...DRAIN, due: LATER }),
    rivals: { ...others(subject), ...beginning(subject), ...drains(subject) },
  })),
  "a canary's runs": ofFlow({ drain: DRAIN, canary: CANARY }, (subject) => ({
    write: () =>
      subject.flows
        .noteCanary(subject.flow, { ...CANARY, runs: ["r"], round: 3 })
        .then((written) => written !== undefined),
    rivals: {
      ...others(subject),
      ...beginning(subject),
      ...drains(subject),
      "other runs": subject.set({ canary: { ...CANARY, runs: ["s"], round: 3 } }),
      "another canary": subject.set({ canary: { ...CANARY, id: "another" } }),
      "a canary of a later id": subject.set({ canary: { ...CANARY, id: "later" } }),
    },
  })),
  "the end of a canary": ofFlow({ canary: { ...CANARY, round: 2 }, drain: DRAIN }, (subject) => ({
    write: () =>
      subject.flows.change(subject.flow, {
        ...subject.flow,
        ...{ canary: { ...CANARY, round: 2, state: "failed" }, rev: subject.flow.rev + 1 },
      }),
    rivals: {
      ...others(subject),
      "other runs": subject.set({ canary: { ...CANARY, runs: ["s"], round: 3 } }),
    },
  })),
  "a drain's end": ofFlow({ drain: DRAIN }, (subject) => ({
    write: () => subject.flows.endDrain(subject.flow, { due: LATER }),
    rivals: { ...others(subject), ...beginning(subject), ...drains(subject) },
  })),
  "the count of the runs under way": ofFlow({ uncounted: "m" }, (subject) => ({
    write: () => subject.flows.endCount(subject.flow, false).then((flow) => flow !== undefined),
    rivals: {
      "a later limit": subject.set({ uncounted: "z" }),
      "an earlier limit": subject.set({ uncounted: "a" }),
      "another worker": subject.set({ uncounted: undefined }),
    },
  })),
  "the count of the runs under way, with its drain": ofFlow({ uncounted: "m", drain: DRAIN }, (subject) => ({
    write: () => subject.flows.endCount(subject.flow, true).then((flow) => flow !== undefined),
    rivals: {
      ...others(subject),
      ...beginning(subject),
      ...drains(subject),
      "another worker": subject.set({ uncounted: undefined }),
    },
  })),
  "a queue's next count": ofFlow({ recount: { due: AT } }, (subject) => ({
    write: () => subject.flows.rescheduleRecount(subject.flow, { due: LATER }),
    rivals: {
      ...others(subject),
      ...beginning(subject),
      "another count": subject.set({ recount: { due: "2026-03-01T12:01:00.000Z" } }),
      "the last count": subject.set({ recount: undefined }),
    },
  })),
  "an attachment's next check": ofFlow({ attachment: { ...CHECKED, due: AT } }, (subject) => ({
    write: () => subject.flows.rescheduleAttachment(subject.flow, LATER),
    rivals: {
      ...others(subject),
      ...beginning(subject),
      "another check": subject.set({ attachment: { ...CHECKED, due: "2026-03-01T12:01:00.000Z" } }),
      "the attachment's end": subject.set({ attachment: undefined }),
    },
  })),
  "a flow's due time": ofFlow({ recount: { due: LATER } }, async (subject) => {
    await subject.set({ dueKey: "DUE#0", due: AT })();
    return {
      write: () => subject.flows.settleDue(subject.flow).then(() => false),
      rivals: { ...others(subject), ...beginning(subject) },
    };
  }),
  "a deletion's begin": ofFlow({}, (subject) => ({
    write: () => subject.deletions.begin(subject.flow, subject.deletion),
    rivals: { ...others(subject), ...beginning(subject) },
  })),
  "a flow's reopening": ofFlow({ deleting: true }, async (subject) => {
    const { deletions, deletion, flow, table } = subject;
    const key = keys.flowDeletion("demo", flow.flowId, flow.incarnation);
    await table.put({ ...key, committed: false });
    return {
      write: () => deletions.reopen(flow),
      rivals: {
        ...others(subject),
        "the point of no return": () => deletions.commit(deletion),
        "the deletion's end": deleting(table, key),
      },
    };
  }),
  "a deletion's point of no return": ofFlow(
    { deleting: true },
    async ({ table, deletions, deletion, flow }) => {
      const key = keys.flowDeletion("demo", flow.flowId, flow.incarnation);
      await table.put({ ...key, committed: false });
      const rivals = { "the flow's reopening": deleting(table, key) };
      return { write: () => deletions.commit(deletion), items: [key], rivals };
    },
  ),
  "a deletion's next try": ofFlow({ deleting: true }, async ({ table, deletions, deletion, flow }) => {
    const key = keys.flowDeletion("demo", flow.flowId, flow.incarnation);
    await table.put({ ...key, committed: false });
    const rivals = { "the flow's reopening": deleting(table, key) };
    return { write: () => deletions.retry(deletion, LATER), items: [key], rivals };
  }),
  "a flow's removal": ofFlow({ deleting: true }, ({ table, deletions, flow, set }) => {
    const entry = keys.flowEntry("demo", flow.flowId);
    return {
      write: () => deletions.removeFlow(flow).then(() => false),
      rivals: {
        "another flow of this id": set({ incarnation: "zzzzzzzzzzzzzzzz" }),
        "an earlier flow of this id": set({ incarnation: "aaaaaaaaaaaaaaaa" }),
        "another line in the list": changing(table, entry, { incarnation: "zzzzzzzzzzzzzzzz" }),
      },
      items: [keys.flow("demo", flow.flowId), entry],
    };
  }),
  "a version's number": ofFlow({}, ({ table, flow }) => {
    const key = keys.version("demo", flow.flowId, flow.incarnation, 2);
    return {
      write: () => new VersionStore(table).reserve(flow, VERSION),
      items: [key],
      rivals: { "another publisher": () => table.put({ ...key, ...VERSION, createdBy: "ben" }) },
    };
  }),
  "a version's machine": ofFlow({}, async ({ table, flow }) => {
    const versions = new VersionStore(table);
    const key = keys.version("demo", flow.flowId, flow.incarnation, 2);
    await versions.reserve(flow, VERSION);
    return {
      write: () => versions.finish(flow, 2, "arn:mine").then(() => false),
      items: [key],
      rivals: {
        "the same publisher, delivered twice": () => versions.finish(flow, 2, "arn:other"),
        "the flow's deletion": deleting(table, key),
      },
    };
  }),
  "pruning a version": ofFlow({}, async (subject) => {
    const { versions, key, machine, set } = await published(subject);
    return {
      write: () => versions.prune(subject.flow, machine, LATER),
      items: [key],
      rivals: {
        "another pruning": set({ prunedAt: AT }),
        "its choice by number": set({ keptAt: AT }),
        "the flow's deletion": deleting(subject.table, key),
      },
    };
  }),
  "pruning a version that was chosen before": ofFlow({}, async (subject) => {
    const { versions, key, machine, set } = await published(subject, { keptAt: AT });
    return {
      write: () => versions.prune(subject.flow, { ...machine, keptAt: AT }, LATER),
      items: [key],
      rivals: {
        "another pruning": set({ prunedAt: AT }),
        "its choice once more": set({ keptAt: LATER }),
        "the flow's deletion": deleting(subject.table, key),
      },
    };
  }),
  "a pruned version's deleted machine": ofFlow({}, async (subject) => {
    const { versions, key, machine, set } = await published(subject, { prunedAt: AT });
    return {
      write: () => versions.forgetMachine(subject.flow, machine).then(() => false),
      items: [key],
      rivals: {
        "its restoration": set({ prunedAt: undefined }),
        "its restoration and another pruning": set({ machineVersionArn: "arn:restored" }),
        "the flow's deletion": deleting(subject.table, key),
      },
    };
  }),
  "a version's choice by number": ofFlow({}, async (subject) => {
    const { versions, key, set } = await published(subject);
    return {
      write: () => versions.keep(subject.flow, 2, LATER),
      items: [key],
      rivals: {
        "its pruning": set({ prunedAt: AT }),
        "the flow's deletion": deleting(subject.table, key),
      },
    };
  }),
  "a machine's first flow": ofFlow({}, ({ table, flow }) => {
    const { attachments, arn, key } = machineOf(table, flow);
    return {
      write: () => attachments.claim(arn, flow),
      items: [key],
      rivals: { "another flow": () => attachments.claim(arn, { ...flow, flowId: "other" }) },
    };
  }),
  "a machine's next flow, after one that is gone": ofFlow({}, async ({ table, flow }) => {
    const { attachments, arn, key } = machineOf(table, flow);
    const gone = { ...flow, flowId: "gone" };
    await attachments.claim(arn, gone);
    return {
      write: () => attachments.claim(arn, flow, gone),
      items: [key],
      rivals: owners(table, key),
    };
  }),
  "a machine's release": ofFlow({}, async ({ table, flow }) => {
    const { attachments, arn, key } = machineOf(table, flow);
    await attachments.claim(arn, flow);
    return {
      write: () => attachments.release(arn, flow).then(() => false),
      items: [key],
      rivals: owners(table, key),
    };
  }),
  "a counter's correction": ofFlow({}, async ({ table, flow }) => {
    const counters = new CounterStore(table);
    await counters.addQueued(flow, "r", 3);
    const read = await counters.read(flow);
    const [first] = read;
    if (first === undefined) throw new Error("There is no shard");
    const { PK, SK } = first;
    return {
      write: () => counters.correct(flow, read, -1),
      items: [{ PK, SK }],
      rivals: {
        "a record more": () => table.add({ PK, SK }, { queued: 1, writes: 1 }),
        "the flow's deletion": deleting(table, { PK, SK }),
      },
    };
  }),
  "a counter's first correction": ofFlow({}, async ({ table, flow }) => {
    const counters = new CounterStore(table);
    const key = keys.counter("demo", flow.flowId, flow.incarnation, 0);
    return {
      write: () => counters.correct(flow, [], 2),
      items: [key],
      rivals: {
        "a record more": () => table.add(key, { queued: 1, writes: 1 }),
        "a counter of an early release": () => table.put({ ...key, queued: 1 }),
      },
    };
  }),
  "a record's removal from the queue": ofFlow({}, async ({ table, flow }) => {
    const queues = new QueueStore(table);
    const record = { runId: "r", time: AT, nonce: "m" };
    const { PK, SK } = queueItem(flow, record);
    await queues.put(flow, record);
    return {
      write: () => queues.remove(flow, record).then(() => false),
      items: [{ PK, SK }],
      rivals: {
        "the same run, queued again": () => queues.put(flow, { ...record, nonce: "z" }),
        "the same run, queued before": () => queues.put(flow, { ...record, nonce: "a" }),
      },
    };
  }),
  "a count below a limit": async (table, nth) => {
    const { meters, flow, items } = await counted(table, nth, "throughput");
    return {
      write: () => meters.add(flow, "throughput", 1, NOW, limit),
      items,
      rivals: { "as many as the limit allows": () => meters.add(flow, "throughput", 9, NOW) },
    };
  },
  "a count below a limit, in the present windows": inPresentWindows("throughput", limit),
  "a count in the present windows": inPresentWindows("throughput"),
  "costs in the present windows": inPresentWindows("spend"),
  "a meter's first count": firstCount([]),
  "a meter's first count below a limit": firstCount([], limit),
  "the first count of a minute": firstCount([1]),
  "the first count of a minute below its limit": firstCount([1], limit),
  "the first count of a minute below the day's limit": firstCount([1], { unit: "day", limit: 10 }),
};
