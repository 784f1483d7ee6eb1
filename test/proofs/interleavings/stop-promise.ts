/**
 * The promise that no step starts any more: given when an operation is acknowledged, and void while another one lifts it. An operation that
 * lifts it while the first one is in progress may have done so after the write of the first.
 */
export class StopPromise {
  #given: boolean;
  #forEver = false;
  #lifting = new Set<string>();
  /** Operations in progress that no lifting has overlapped. */
  #alone = new Set<string>();
  constructor(given: boolean) {
    this.#given = given;
  }
  ask(mark: string): void {
    if (this.#lifting.size === 0) this.#alone.add(mark);
  }
  give(mark: string, forEver: boolean): void {
    this.#forEver ||= forEver;
    this.#given = this.#alone.has(mark);
  }
  lift(mark: string): void {
    this.#given = false;
    this.#alone.clear();
    this.#lifting.add(mark);
  }
  lifted(mark: string): void {
    this.#lifting.delete(mark);
  }
  get holds(): boolean {
    return this.#given || this.#forEver;
  }
}
