/**
 * The changes in memory that a rollback has to undo. A store records the reverse of each change that it makes; a transaction that
 * is rolled back runs those recorded since its beginning, the latest first.
 */
export class UndoLog {
  readonly #undo: (() => void)[] = [];
  /** For each open transaction, the outermost first: the length of `#undo` at its beginning. */
  readonly #open: number[] = [];

  begin(): void {
    this.#open.push(this.#undo.length);
  }

  /** Records how to undo a change. Outside a transaction there is nothing to roll back. */
  record(undo: () => void): void {
    if (this.#open.length > 0) this.#undo.push(undo);
  }

  commit(): void {
    this.#open.pop();
    if (this.#open.length === 0) this.#undo.length = 0;
  }

  rollBack(): void {
    const undone = this.#undo.splice(this.#open.pop() ?? 0);
    for (const undo of undone.reverse()) undo();
  }
}
