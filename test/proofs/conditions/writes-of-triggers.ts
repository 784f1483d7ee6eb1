import type { FlowIdentity } from "../../../shared/store/flows/flow-item.ts";
import { type TriggerItem, TriggerStore } from "../../../shared/store/flows/triggers.ts";
import { keys } from "../../../shared/store/keys.ts";
import { type ConditionalWrite, changing, deleting, type Prepared } from "./conditional-write.ts";

const AT = "2026-03-01T12:00:00.000Z";
const LATER = "2026-03-01T12:05:00.000Z";
const TRIGGER: TriggerItem = {
  ...{ triggerId: "nightly", schedule: "rate(5 minutes)", timezone: "UTC", payload: "{}" },
  ...{ whileHeld: "latest", enabled: true, generation: "m", createdAt: AT, updatedAt: AT, updatedBy: "ann" },
};

interface Subject {
  readonly triggers: TriggerStore;
  readonly flow: FlowIdentity;
  readonly trigger: TriggerItem;
  readonly set: (attributes: Readonly<Record<string, unknown>>) => () => Promise<unknown>;
  /** Other generations of the trigger, or none. */
  readonly others: Prepared["rivals"];
}

const ofTrigger =
  (
    fields: Partial<TriggerItem>,
    use: (subject: Subject) => Pick<Prepared, "write" | "rivals">,
  ): ConditionalWrite =>
  async (table, nth) => {
    const triggers = new TriggerStore(table);
    const flow = { workspace: "demo", flowId: `triggered-${nth}`, incarnation: "m" };
    const trigger = { ...TRIGGER, ...fields };
    await triggers.create(flow, trigger);
    const key = keys.trigger("demo", flow.flowId, "m", trigger.triggerId);
    const set: Subject["set"] = (attributes) => changing(table, key, attributes);
    const others = {
      "a later generation": set({ generation: "z" }),
      "another generation": set({ generation: "a" }),
      "its deletion": deleting(table, key),
    };
    return { items: [key], ...use({ triggers, flow, trigger, set, others }) };
  };

export const TRIGGER_WRITES: Readonly<Record<string, ConditionalWrite>> = {
  "a trigger's creation": async (table, nth) => {
    const flow = { workspace: "demo", flowId: `triggered-${nth}`, incarnation: "m" };
    const key = keys.trigger("demo", flow.flowId, "m", TRIGGER.triggerId);
    return {
      write: () => new TriggerStore(table).create(flow, TRIGGER),
      items: [key],
      rivals: { "the same trigger": () => table.put({ ...key, ...TRIGGER, generation: "a" }) },
    };
  },
  "a trigger's replacement": ofTrigger({}, ({ triggers, flow, trigger, others }) => ({
    write: () => triggers.replace(flow, trigger, { ...trigger, generation: "n" }),
    rivals: others,
  })),
  "a trigger's deletion": ofTrigger({}, ({ triggers, flow, trigger, others }) => ({
    write: () => triggers.delete(flow, trigger),
    rivals: others,
  })),
  "a dropped record": ofTrigger({}, ({ triggers, flow, trigger, set, others }) => ({
    write: () => triggers.markDropped(flow, trigger, AT),
    rivals: {
      ...others,
      "the same record": set({ dropped: AT }),
      "a later record": set({ dropped: LATER }),
    },
  })),
  "the first queued run": ofTrigger({}, ({ triggers, flow, trigger, set, others }) => ({
    write: () => triggers.setLatest(flow, trigger, { runId: "n", time: AT }),
    rivals: { ...others, "another queued run": set({ latest: { runId: "z", time: LATER } }) },
  })),
  "the next queued run": ofTrigger(
    { latest: { runId: "m", time: AT } },
    ({ triggers, flow, trigger, set, others }) => ({
      write: () => triggers.setLatest(flow, trigger, { runId: "n", time: LATER }),
      rivals: {
        ...others,
        "another queued run": set({ latest: { runId: "a", time: LATER } }),
        "a queued run of a later id": set({ latest: { runId: "z", time: LATER } }),
        "a new trigger of this generation": set({ latest: undefined }),
      },
    }),
  ),
};
