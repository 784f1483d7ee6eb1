import { DatabaseStore } from "./database.ts";

/** The Tasks that wait for executions (`.sync`). */
export class Awaited extends DatabaseStore {
  add(arn: string, execution: number, frame: number): void {
    this.database.run("INSERT INTO awaited (arn, execution, frame) VALUES (?, ?, ?)", arn, execution, frame);
  }

  /** The Tasks that wait for an execution. */
  of(arn: string): { readonly frame: number }[] {
    return this.database
      .all("SELECT frame FROM awaited WHERE arn = ?", arn)
      .map((row) => ({ frame: Number(row["frame"]) }));
  }

  /** The executions that an execution's Tasks wait for. */
  by(execution: number): { readonly arn: string }[] {
    return this.database
      .all("SELECT arn FROM awaited WHERE execution = ?", execution)
      .map((row) => ({ arn: String(row["arn"]) }));
  }

  delete(arn: string): void {
    this.database.run("DELETE FROM awaited WHERE arn = ?", arn);
  }
}
