import type { Actor } from "../../model/actor.ts";
import type { IncidentStatus, IncidentWork, PlacementState } from "../../model/holds/incident.ts";
import { MAX_INCIDENT_NOTES } from "../../model/holds/incident.ts";
import type { AskedRamp } from "../../model/holds/ramp.ts";
import { shardOf } from "../../model/ids.ts";
import { between, type Change, is, updateExpression, within } from "../expressions.ts";
import { type Item, indexKeys, keys } from "../keys.ts";
import { TableStore } from "../table.ts";
import { INDEX_SHARDS } from "../table-definition.ts";

/** An incident: what it holds, and how far the work on its flows is. */
export interface IncidentItem {
  readonly workspace: string;
  readonly incidentId: string;
  /** Identifies the request that created it, and what that asked for: for its Idempotency-Key. */
  readonly nonce: string;
  readonly bodyHash: string;
  readonly title: string;
  readonly note?: string;
  readonly flows?: readonly string[];
  readonly resources?: readonly string[];
  readonly all?: true;
  readonly mode: "queue" | "reject";
  readonly openedAt: string;
  readonly openedBy: Actor;
  /** When it is resolved by itself. ISO 8601. */
  readonly resumeAt: string;
  readonly status: IncidentStatus;
  readonly resolved?: Resolution;
  /** The work under way. `cursor`: the last flow that it has visited. */
  readonly work?: { readonly kind: IncidentWork; readonly done: number; readonly cursor?: string };
  /** Part of the name of the execution that goes on with the work. A worker of an earlier attempt stops. */
  readonly attempt: number;
  /** Number of notes. */
  readonly notes: number;
  /** When the sweeper looks at it next (ISO 8601). Absent once nothing is left to do. */
  readonly due?: string;
}

/** The progress of the work. Without `work`, nothing is left to do until `due`; without `due`, nothing is left at all. */
export interface IncidentProgress {
  readonly work: IncidentItem["work"] | undefined;
  readonly due: string | undefined;
  readonly attempt: number;
}

interface Resolution {
  readonly at: string;
  readonly by: Actor;
  readonly note?: string;
  readonly canary?: number;
  readonly ramp?: AskedRamp;
}

/** The state of an incident in one flow. It is kept until the flow is deleted. */
export interface PlacementItem {
  readonly flowId: string;
  readonly incarnation: string;
  readonly holdId: string;
  readonly state: PlacementState;
  readonly since: string;
  readonly steps?: readonly string[];
  readonly unheld?: readonly string[];
  readonly endedAt?: string;
  readonly endedBy?: string;
  /** Runs that stood at the hold when it was lifted. */
  readonly stood?: number;
  /** Why the flow could not be held. */
  readonly detail?: string;
}

export interface IncidentNote {
  readonly at: string;
  readonly by: Actor;
  readonly text: string;
}

/** Reads and writes incidents, each in a partition of its own, and the workspace's lists of all of them and of the open ones. */
export class IncidentStore extends TableStore {
  get(workspace: string, incidentId: string): Promise<IncidentItem | undefined> {
    return this.table.read(keys.incident(workspace, incidentId), incidentOf);
  }

  /**
   * Writes the incident and its entries in both lists in one transaction: whoever reads the open ones from then on finds it. If there is one
   * with this id, it stays.
   */
  async create(incident: IncidentItem): Promise<{ created: boolean; incident: IncidentItem }> {
    const { workspace, incidentId, openedAt } = incident;
    const Item = { ...keys.incident(workspace, incidentId), ...incident, ...dueAt(incidentId, incident.due) };
    try {
      await this.table.transact((TableName) => [
        { Put: { TableName, Item, ConditionExpression: "attribute_not_exists(PK)" } },
        { Put: { TableName, Item: { ...keys.incidentEntry(workspace, openedAt, incidentId), incidentId } } },
        { Put: { TableName, Item: { ...keys.openIncident(workspace, incidentId), incidentId } } },
      ]);
      return { created: true, incident };
    } catch (error) {
      const found = await this.get(workspace, incidentId);
      if (found === undefined) throw error;
      return { created: found.nonce === incident.nonce, incident: found };
    }
  }

  /** Returns the ids of the open incidents, strongly consistent. */
  async open(workspace: string): Promise<string[]> {
    const ids: string[] = [];
    for await (const item of this.table.query({ key: within(keys.workspace(workspace).PK, OPEN) }))
      ids.push(String(item["incidentId"]));
    return ids;
  }

  /** Resolves the incident in one transaction, after which nobody finds it among the open ones. Returns false if it is not open. */
  resolve(was: IncidentItem, next: IncidentItem): Promise<boolean> {
    const { workspace, incidentId } = was;
    const { resolved, work, due } = next;
    const change: Change = {
      set: { status: next.status, resolved, work, attempt: next.attempt, ...dueAt(incidentId, due) },
      when: [is("status", "open")],
    };
    const Key = keys.incident(workspace, incidentId);
    return this.table.tryTransact((TableName) => [
      { Update: { TableName, Key, ...updateExpression(change) } },
      { Delete: { TableName, Key: keys.openIncident(workspace, incidentId) } },
    ]);
  }

  /** Stores how far the work is, and who goes on with it. Returns undefined if the status or the attempt has changed. */
  async advance(
    was: IncidentItem,
    { work, due, attempt }: IncidentProgress,
  ): Promise<IncidentItem | undefined> {
    const written = await this.table.update(keys.incident(was.workspace, was.incidentId), {
      set: { attempt, work, ...dueAt(was.incidentId, due) },
      remove: [...(work === undefined ? ["work"] : []), ...(due === undefined ? ["due", "dueKey"] : [])],
      when: [is("status", was.status), is("attempt", was.attempt)],
    });
    return written.ok ? incidentOf(written.item) : undefined;
  }

  /** Adds a note. Returns false if the incident has too many. */
  note({ workspace, incidentId }: IncidentItem, id: string, note: IncidentNote): Promise<boolean> {
    const change: Change = {
      add: { notes: 1 },
      when: [{ text: "notes < :most", values: { ":most": MAX_INCIDENT_NOTES } }],
    };
    const Key = keys.incident(workspace, incidentId);
    const item = { ...keys.incidentNote(workspace, incidentId, note.at, id), ...note };
    return this.table.tryTransact((TableName) => [
      { Update: { TableName, Key, ...updateExpression({ ...change, add: change.add ?? {} }) } },
      { Put: { TableName, Item: item } },
    ]);
  }

  async notes({ workspace, incidentId }: IncidentItem): Promise<IncidentNote[]> {
    const notes: IncidentNote[] = [];
    const { PK } = keys.incident(workspace, incidentId);
    for await (const { at, by, text } of this.table.query({ key: within(PK, "N#") }))
      notes.push({ at, by, text } as IncidentNote);
    return notes;
  }

  /** Returns what the incident does to its flows after `after`, by flow. */
  async *placements({ workspace, incidentId }: IncidentItem, after = ""): AsyncGenerator<PlacementItem> {
    const { PK } = keys.incident(workspace, incidentId);
    const first = after === "" ? "F#" : `F#${after}#~`;
    for await (const item of this.table.query({ key: between(PK, first, "F#~") })) yield placementOf(item);
  }

  placement({ workspace, incidentId }: IncidentItem, flowId: string, incarnation: string) {
    return this.table.read(keys.placement(workspace, incidentId, flowId, incarnation), placementOf);
  }

  /** Writes the intent to hold a flow, before its hold. An existing one stays. */
  async intend({ workspace, incidentId }: IncidentItem, placement: PlacementItem): Promise<void> {
    const key = keys.placement(workspace, incidentId, placement.flowId, placement.incarnation);
    await this.table.putIfAbsent({ ...key, ...placement });
  }

  /** Replaces what the incident does to a flow, if it is still in that state. A lifted or released hold stays so. */
  async place(
    { workspace, incidentId }: IncidentItem,
    was: PlacementItem,
    next: PlacementItem,
  ): Promise<void> {
    const { flowId: _flow, incarnation: _incarnation, holdId: _hold, ...set } = next;
    const gone = ["steps", "unheld", "detail", "endedAt", "endedBy", "stood"].filter(
      (name) => !Object.hasOwn(set, name),
    );
    await this.table.update(keys.placement(workspace, incidentId, was.flowId, was.incarnation), {
      ...{ set, remove: gone },
      when: [is("state", was.state)],
    });
  }

  /** Returns the incidents of a workspace before `before`, the sort key of an entry in its list, newest first. */
  async *list(workspace: string, before?: string): AsyncGenerator<{ at: string; incidentId: string }> {
    for await (const item of this.table.query({
      key: between(keys.workspace(workspace).PK, LIST, before ?? `${LIST}~`),
      newestFirst: true,
      limit: LIST_PAGE,
    })) {
      const at = String(item["SK"]);
      if (at !== before) yield { at, incidentId: String(item["incidentId"]) };
    }
  }

  async getMany(workspace: string, ids: readonly string[]): Promise<IncidentItem[]> {
    const items = await this.table.getMany(ids.map((id) => keys.incident(workspace, id)));
    const byId = new Map(items.map(incidentOf).map((incident) => [incident.incidentId, incident]));
    return ids.flatMap((id) => byId.get(id) ?? []);
  }
}

const LIST = "INCIDENT#";
const OPEN = "OPENINCIDENT#";
const LIST_PAGE = 100;

const dueAt = (incidentId: string, due: string | undefined) =>
  due === undefined ? {} : { dueKey: indexKeys.due(shardOf(incidentId, INDEX_SHARDS)), due };

const incidentOf = ({ PK: _partition, SK: _sort, dueKey: _dueKey, ...incident }: Item): IncidentItem =>
  incident as unknown as IncidentItem;

const placementOf = ({ PK: _partition, SK: _sort, ...placement }: Item): PlacementItem =>
  placement as unknown as PlacementItem;
