import type { DatabaseSync } from "node:sqlite";
import { ACCOUNT, REGION } from "../aws/function-name.ts";
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
  readonly #database: DatabaseSync;

  constructor(database: DatabaseSync) {
    this.#database = database;
    database.exec(`
      CREATE TABLE IF NOT EXISTS schedule (groupName TEXT, name TEXT, document TEXT NOT NULL, PRIMARY KEY (groupName, name)) STRICT;
      CREATE TABLE IF NOT EXISTS schedule_group (name TEXT PRIMARY KEY, document TEXT NOT NULL) STRICT;
      CREATE TABLE IF NOT EXISTS delivery (id TEXT PRIMARY KEY, document TEXT NOT NULL) STRICT`);
  }

  schedule(group: string, name: string): Schedule | undefined {
    return this.#one("SELECT document FROM schedule WHERE groupName = ? AND name = ?", group, name);
  }

  schedules(): readonly Schedule[] {
    return this.#all("SELECT document FROM schedule ORDER BY groupName, name");
  }

  save(schedule: Schedule): void {
    this.#run(
      "INSERT OR REPLACE INTO schedule VALUES (?, ?, ?)",
      schedule.group,
      schedule.name,
      JSON.stringify(schedule),
    );
  }

  remove(group: string, name: string): void {
    this.#run("DELETE FROM schedule WHERE groupName = ? AND name = ?", group, name);
  }

  group(name: string): Group | undefined {
    return this.#one("SELECT document FROM schedule_group WHERE name = ?", name);
  }

  groups(): readonly Group[] {
    return this.#all("SELECT document FROM schedule_group ORDER BY name");
  }

  saveGroup(group: Group): void {
    this.#run("INSERT OR REPLACE INTO schedule_group VALUES (?, ?)", group.name, JSON.stringify(group));
  }

  /** Deletes a group with all its schedules. */
  removeGroup(name: string): void {
    this.#run("DELETE FROM schedule WHERE groupName = ?", name);
    this.#run("DELETE FROM schedule_group WHERE name = ?", name);
  }

  deliveries(): readonly Delivery[] {
    return this.#all("SELECT document FROM delivery ORDER BY rowid");
  }

  saveDelivery(delivery: Delivery): void {
    this.#run("INSERT OR REPLACE INTO delivery VALUES (?, ?)", delivery.id, JSON.stringify(delivery));
  }

  removeDelivery(id: string): void {
    this.#run("DELETE FROM delivery WHERE id = ?", id);
  }

  #run(sql: string, ...parameters: string[]): void {
    this.#database.prepare(sql).run(...parameters);
  }

  #one<T>(sql: string, ...parameters: string[]): T | undefined {
    const row = this.#database.prepare(sql).get(...parameters);
    return row === undefined ? undefined : (JSON.parse(String(row["document"])) as T);
  }

  #all<T>(sql: string): readonly T[] {
    return this.#database
      .prepare(sql)
      .all()
      .map((row) => JSON.parse(String(row["document"])) as T);
  }
}
