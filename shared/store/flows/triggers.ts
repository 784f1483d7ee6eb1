import { shardOf } from "../../model/ids.ts";
import type { WhileHeld } from "../../model/triggers.ts";
import { type Clause, within } from "../expressions.ts";
import type { Item } from "../keys.ts";
import { indexKeys, keys } from "../keys.ts";
import { TableStore } from "../table.ts";
import { INDEX_SHARDS } from "../table-definition.ts";
import type { FlowIdentity } from "./flow-item.ts";

/** A trigger of a flow. */
export interface TriggerItem {
  readonly triggerId: string;
  readonly schedule: string;
  readonly timezone: string;
  /** JSON text. */
  readonly payload: string;
  readonly whileHeld: WhileHeld;
  readonly enabled: boolean;
  /** Counts how often the trigger was put. Absent for the first time. */
  readonly rev?: number;
  /** Identifies the trigger until it is next put. Its schedule and the events of that carry it, and others do nothing. */
  readonly generation: string;
  readonly createdAt: string;
  readonly updatedAt: string;
  readonly updatedBy: string;
  /** The newest time at which a record was dropped. Its second delivery, when the flow is no longer held, is dropped too. */
  readonly dropped?: string;
  /** The newest queued run of a trigger with `latest`, and its time. */
  readonly latest?: Latest;
}
export interface Latest {
  readonly runId: string;
  /** The time of the schedule. ISO 8601. */
  readonly time: string;
}

/** The schedules of a trigger that a change may leave over. The sweeper deletes those that are not the trigger's when it is due. */
export interface ScheduleNote {
  readonly triggerId: string;
  readonly noteId: string;
  readonly generations: readonly string[];
  /** ISO 8601. */
  readonly due: string;
}
type NoteName = Pick<ScheduleNote, "triggerId" | "noteId">;

const noteKey = ({ workspace, flowId, incarnation }: FlowIdentity, { triggerId, noteId }: NoteName) =>
  keys.triggerSchedules(workspace, flowId, incarnation, triggerId, noteId);

const keyOf = ({ workspace, flowId, incarnation }: FlowIdentity, triggerId: string) =>
  keys.trigger(workspace, flowId, incarnation, triggerId);
const triggerItemOf = ({ PK: _partition, SK: _sort, ...trigger }: Item): TriggerItem =>
  trigger as unknown as TriggerItem;
const ofGeneration = (generation: string): Clause => ({
  text: "generation = :generation",
  values: { ":generation": generation },
});

/** The triggers of flows, in the flow's partition. The deletion of the flow deletes them. */
export class TriggerStore extends TableStore {
  get(flow: FlowIdentity, triggerId: string): Promise<TriggerItem | undefined> {
    return this.table.read(keyOf(flow, triggerId), triggerItemOf);
  }

  /** Returns all triggers of the flow, by id. */
  async all(flow: FlowIdentity): Promise<TriggerItem[]> {
    const { PK, SK } = keyOf(flow, "");
    const found: TriggerItem[] = [];
    for await (const item of this.table.query({ key: within(PK, SK) })) found.push(triggerItemOf(item));
    return found;
  }

  /** Creates the trigger. Returns false if it exists. */
  create(flow: FlowIdentity, trigger: TriggerItem): Promise<boolean> {
    return this.table.putIfAbsent({ ...keyOf(flow, trigger.triggerId), ...trigger });
  }

  /** Replaces a generation of the trigger by another. Returns false if it has been replaced or deleted since. */
  async replace(flow: FlowIdentity, was: TriggerItem, next: TriggerItem): Promise<boolean> {
    const { triggerId, ...set } = next;
    const { ok } = await this.table.update(keyOf(flow, triggerId), {
      set,
      when: [ofGeneration(was.generation)],
    });
    return ok;
  }

  /** Deletes exactly this generation. Returns false if there is another, or none. */
  delete(flow: FlowIdentity, { triggerId, generation }: TriggerItem): Promise<boolean> {
    return this.table.deleteIf(keyOf(flow, triggerId), ofGeneration(generation));
  }

  /** Notes the schedules of a change that is about to begin. */
  async note(flow: FlowIdentity, note: ScheduleNote): Promise<void> {
    const { generations, due } = note;
    const dueKey = indexKeys.due(shardOf(note.noteId, INDEX_SHARDS));
    await this.table.put({ ...noteKey(flow, note), generations, due, dueKey });
  }

  noted(flow: FlowIdentity, name: NoteName): Promise<ScheduleNote | undefined> {
    return this.table.read(noteKey(flow, name), ({ generations, due }) => ({
      ...{ ...name, generations: generations as string[], due: String(due) },
    }));
  }

  async forget(flow: FlowIdentity, name: NoteName): Promise<void> {
    await this.table.delete(noteKey(flow, name));
  }

  /** Records that the record of this time (ISO 8601) was dropped. */
  async markDropped(flow: FlowIdentity, { triggerId, generation }: TriggerItem, time: string): Promise<void> {
    await this.table.update(keyOf(flow, triggerId), {
      set: { dropped: time },
      when: [
        ofGeneration(generation),
        { text: "attribute_not_exists(dropped) OR dropped < :time", values: { ":time": time } },
      ],
    });
  }

  /** Makes a run the trigger's newest queued one. Returns false if another has become it since the trigger was read. */
  async setLatest(flow: FlowIdentity, trigger: TriggerItem, latest: Latest): Promise<boolean> {
    const { ok } = await this.table.update(keyOf(flow, trigger.triggerId), {
      set: { latest },
      when: [
        ofGeneration(trigger.generation),
        trigger.latest === undefined
          ? { text: "attribute_not_exists(latest)" }
          : { text: "latest.runId = :was", values: { ":was": trigger.latest.runId } },
      ],
    });
    return ok;
  }
}
