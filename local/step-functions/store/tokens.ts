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
