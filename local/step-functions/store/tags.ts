import { DatabaseStore } from "./database.ts";

/** The tags of machines and activities. */
export class Tags extends DatabaseStore {
  of(arn: string): Map<string, string> {
    const rows = this.database.all("SELECT key, value FROM tags WHERE arn = ? ORDER BY key", arn);
    return new Map(rows.map(({ key, value }) => [String(key), String(value)]));
  }

  put(arn: string, key: string, value: string): void {
    this.database.run("INSERT OR REPLACE INTO tags (arn, key, value) VALUES (?, ?, ?)", arn, key, value);
  }

  remove(arn: string, key: string): void {
    this.database.run("DELETE FROM tags WHERE arn = ? AND key = ?", arn, key);
  }

  deleteOf(arn: string): void {
    this.database.run("DELETE FROM tags WHERE arn = ?", arn);
  }
}
