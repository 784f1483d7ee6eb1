import type { DatabaseSync } from "node:sqlite";
import { ACCOUNT, REGION } from "../aws/function-name.ts";
import { JsonTable } from "../storage/json-table.ts";
import type { ScheduleInput } from "./model.ts";

export const scheduleArn = (group: string, name: string): string =>
  `arn:aws:scheduler:${REGION}:${ACCOUNT}:schedule/${group}/${name}`;

export const groupArn = (name: string): string =>
  `arn:aws:scheduler:${REGION}:${ACCOUNT}:schedule-group/${name}`;

/** A stored schedule. Times are epoch milliseconds. */
export interface Schedule {
  readonly group: string;
  readonly name: string;
  readonly input: ScheduleInput;
  readonly created: number;
  readonly modified: number;
  /** The time at which it fires next; undefined if it does not. */
  readonly due: number | undefined;
}

export interface Group {
  readonly name: string;
  readonly clientToken: string | undefined;
  readonly created: number;
}

/** An event to deliver to its target. */
export interface Delivery {
  readonly id: string;
  readonly scheduleArn: string;
  readonly target: string;
  readonly input: string;
  readonly attempts: number;
  readonly mostRetries: number;
  readonly firstTry: number;
  /** No attempt is made after this time. */
  readonly expires: number;
  readonly due: number;
}

/** Schedules, groups and deliveries on disk, one JSON document each. */
export class SchedulerStore {
  readonly groups: JsonTable<Group>;
  /** By id, in the order in which they were saved. */
  readonly deliveries: JsonTable<Delivery>;
  readonly #database: DatabaseSync;

  constructor(database: DatabaseSync) {
    this.#database = database;
    database.exec(
      "CREATE TABLE IF NOT EXISTS schedule (groupName TEXT, name TEXT, document TEXT NOT NULL, PRIMARY KEY (groupName, name)) STRICT",
    );
    this.groups = new JsonTable(database, "schedule_group", "name");
    this.deliveries = new JsonTable(database, "delivery", "id", "rowid");
  }

  schedule(group: string, name: string): Schedule | undefined {
    const row = this.#database
      .prepare("SELECT document FROM schedule WHERE groupName = ? AND name = ?")
      .get(group, name);
    return row === undefined ? undefined : scheduleIn(row);
  }

  schedules(): readonly Schedule[] {
    return this.#database
      .prepare("SELECT document FROM schedule ORDER BY groupName, name")
      .all()
      .map(scheduleIn);
  }

  save(schedule: Schedule): void {
    this.#database
      .prepare("INSERT OR REPLACE INTO schedule VALUES (?, ?, ?)")
      .run(schedule.group, schedule.name, JSON.stringify(schedule));
  }

  remove(group: string, name: string): void {
    this.#database.prepare("DELETE FROM schedule WHERE groupName = ? AND name = ?").run(group, name);
  }

  /** Deletes a group with all its schedules. */
  removeGroup(name: string): void {
    this.#database.prepare("DELETE FROM schedule WHERE groupName = ?").run(name);
    this.groups.remove(name);
  }
}

const scheduleIn = (row: Record<string, unknown>): Schedule =>
  JSON.parse(String(row["document"])) as Schedule;
