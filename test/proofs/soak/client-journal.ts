/** Everything that the clients sent, and the answers. */
export class ClientJournal {
  /** The run of each accepted record, by the id in its payload. */
  readonly accepted = new Map<string, string>();
  /** Records that were never acknowledged: refused by a held flow, or sent too late in the soak. */
  readonly refused = new Set<string>();
  /** Runs that a client or a bulk operation deleted. */
  readonly deleted = new Set<string>();
  /** Bulk operations that delete. */
  readonly bulkDeletions: string[] = [];
  /** The newest runs, for other clients to act on. */
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
    if (other !== undefined && other !== runId) this.violation(`record ${id} became ${other} and ${runId}`);
    this.accepted.set(id, runId);
    this.recent.push(runId);
    if (this.recent.length > 300) this.recent.shift();
  }

  count(kind: string, status: number): void {
    const key = `${kind} ${status}`;
    this.counts.set(key, (this.counts.get(key) ?? 0) + 1);
  }

  violation(text: string): void {
    if (this.violations.length < 50) this.violations.push(text);
  }

  answers(): number {
    return [...this.counts.values()].reduce((sum, count) => sum + count, 0);
  }
}
