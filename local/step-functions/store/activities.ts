import { DatabaseStore, fromRow } from "./database.ts";

export interface Activity {
  readonly arn: string;
  readonly name: string;
  /** Epoch ms. */
  readonly created: number;
}
export interface ActivityTask {
  readonly frame: number;
  readonly token: string;
  /** JSON text. */
  readonly input: string;
}

/** Activities, and the tasks that no worker has taken yet. */
export class Activities extends DatabaseStore {
  /** Called when a task is offered. */
  onOffer: () => void = () => undefined;

  get(arn: string): Activity | undefined {
    const row = this.database.get("SELECT arn, name, created FROM activities WHERE arn = ?", arn);
    return row && fromRow<Activity>(row);
  }

  insert({ arn, name, created }: Activity): void {
    this.database.run("INSERT INTO activities (arn, name, created) VALUES (?, ?, ?)", arn, name, created);
  }

  delete(arn: string): void {
    this.database.run("DELETE FROM activities WHERE arn = ?", arn);
  }

  /** In order of name, after the given name. */
  list(after: string, limit: number): Activity[] {
    const sql = "SELECT arn, name, created FROM activities WHERE name > ? ORDER BY name LIMIT ?";
    return this.database.all(sql, after, limit).map((row) => fromRow<Activity>(row));
  }

  /** Returns false if there is no such activity. */
  offer(arn: string, { frame, token, input }: ActivityTask): boolean {
    if (this.get(arn) === undefined) return false;
    const sql = "INSERT INTO activity_tasks (activity, frame, token, input) VALUES (?, ?, ?, ?)";
    this.database.run(sql, arn, frame, token, input);
    this.database.afterCommit(() => this.onOffer());
    return true;
  }

  /** Takes the oldest task of an activity. */
  take(arn: string): ActivityTask | undefined {
    const sql = "SELECT id, frame, token, input FROM activity_tasks WHERE activity = ? ORDER BY id LIMIT 1";
    const row = this.database.get(sql, arn);
    if (!row) return undefined;
    this.database.run("DELETE FROM activity_tasks WHERE id = ?", Number(row["id"]));
    return { frame: Number(row["frame"]), token: String(row["token"]), input: String(row["input"]) };
  }

  withdraw(frame: number): void {
    this.database.run("DELETE FROM activity_tasks WHERE frame = ?", frame);
  }
}
