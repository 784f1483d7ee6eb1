/** What was sent and what came of it, from the side of the clients. */
export class Book {
  /** Records that were accepted, by their own id, with the run that each became. */
  readonly accepted = new Map<string, string>();
  /** Records whose answer never said that they were: refused by a held flow, or too late in the soak. */
  readonly refused = new Set<string>();
  /** Runs whose deletion a client has asked for, or a bulk operation. */
  readonly deleted = new Set<string>();
  /** Bulk operations that delete. */
  readonly bulkDeletions: string[] = [];
  /** The newest runs, that others act on. */
  readonly recent: string[] = [];
  readonly counts = new Map<string, number>();
  readonly violations: string[] = [];
  #made = 0;

  nextId(): string {
    this.#made += 1;
    return `s${this.#made}`;
  }

  accept(id: string, runId: string): void {
    const other = this.accepted.get(id);
    if (other !== undefined && other !== runId) this.wrong(`record ${id} became ${other} and ${runId}`);
    this.accepted.set(id, runId);
    this.recent.push(runId);
    if (this.recent.length > 300) this.recent.shift();
  }

  count(what: string, status: number): void {
    const key = `${what} ${status}`;
    this.counts.set(key, (this.counts.get(key) ?? 0) + 1);
  }

  wrong(what: string): void {
    if (this.violations.length < 50) this.violations.push(what);
  }

  answers(): number {
    return [...this.counts.values()].reduce((sum, count) => sum + count, 0);
  }
}
