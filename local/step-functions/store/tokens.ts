import { randomBytes } from "node:crypto";
import { DatabaseStore } from "./database.ts";

export const newToken = (): string => `AQCAAAAAKgAAAAMA${randomBytes(96).toString("base64")}`;

/** Task tokens. A settled token is kept, to distinguish a second answer from an unknown token. */
export class Tokens extends DatabaseStore {
  open(token: string, execution: number, frame: number): void {
    this.database.run(
      "INSERT INTO tokens (token, execution, frame, open) VALUES (?, ?, ?, 1)",
      token,
      execution,
      frame,
    );
  }

  /** Returns undefined for an unknown token. `frame` is undefined if the token is settled. */
  find(token: string): { readonly frame: number | undefined } | undefined {
    const row = this.database.get("SELECT frame, open FROM tokens WHERE token = ?", token);
    return row && { frame: Number(row["open"]) === 1 ? Number(row["frame"]) : undefined };
  }

  closeFrame(frame: number): void {
    this.database.run("UPDATE tokens SET open = 0, frame = NULL WHERE frame = ? AND open = 1", frame);
  }

  closeExecution(execution: number): void {
    this.database.run("UPDATE tokens SET open = 0, frame = NULL WHERE open = 1 AND execution = ?", execution);
  }

  delete(execution: number): void {
    this.database.run("DELETE FROM tokens WHERE execution = ?", execution);
  }
}

/** The Tasks that wait for executions (`.sync`). */
export class Awaited extends DatabaseStore {
  add(arn: string, execution: number, frame: number): void {
    this.database.run("INSERT INTO awaited (arn, execution, frame) VALUES (?, ?, ?)", arn, execution, frame);
  }

  /** Returns the Tasks that wait for an execution. */
  of(arn: string): { readonly frame: number }[] {
    return this.database
      .all("SELECT frame FROM awaited WHERE arn = ?", arn)
      .map((row) => ({ frame: Number(row["frame"]) }));
  }

  /** Returns the executions that an execution's Tasks wait for. */
  by(execution: number): { readonly arn: string }[] {
    return this.database
      .all("SELECT arn FROM awaited WHERE execution = ?", execution)
      .map((row) => ({ arn: String(row["arn"]) }));
  }

  delete(arn: string): void {
    this.database.run("DELETE FROM awaited WHERE arn = ?", arn);
  }
}
