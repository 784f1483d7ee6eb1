import { randomBytes } from "node:crypto";
import type { Journal } from "./database.ts";

export const newToken = (): string => `AQCAAAAAKgAAAAMA${randomBytes(96).toString("base64")}`;

/** Task tokens. A settled token is kept, so that a second answer is told apart from one that never was. */
export class Tokens {
  readonly #journal: Journal;
  constructor(journal: Journal) {
    this.#journal = journal;
  }

  open(token: string, execution: number, frame: number): void {
    this.#journal.run(
      "INSERT INTO tokens (token, execution, frame, open) VALUES (?, ?, ?, 1)",
      token,
      execution,
      frame,
    );
  }

  /** `frame` is undefined when the token is settled; the answer is undefined when there never was such a token. */
  find(token: string): { readonly frame: number | undefined } | undefined {
    const row = this.#journal.get("SELECT frame, open FROM tokens WHERE token = ?", token);
    return row && { frame: Number(row["open"]) === 1 ? Number(row["frame"]) : undefined };
  }

  closeFrame(frame: number): void {
    this.#journal.run("UPDATE tokens SET open = 0, frame = NULL WHERE frame = ? AND open = 1", frame);
  }

  closeExecution(execution: number): void {
    this.#journal.run("UPDATE tokens SET open = 0, frame = NULL WHERE open = 1 AND execution = ?", execution);
  }

  delete(execution: number): void {
    this.#journal.run("DELETE FROM tokens WHERE execution = ?", execution);
  }
}
