import { Table } from "../../../shared/store/table.ts";

/** A table in which something else happens between what a use case has read and one of its writes. */
export class RivalTable extends Table {
  #rival: (() => Promise<unknown>) | undefined;
  #writes = 0;
  #at = 0;

  /** Performs `rival` right before the nth write from now on, counted from 1. */
  arm(nth: number, rival: () => Promise<unknown>): void {
    this.#writes = 0;
    this.#at = nth;
    this.#rival = rival;
  }
  /** Returns whether the rival has happened. */
  disarm(): boolean {
    const happened = this.#rival === undefined;
    this.#rival = undefined;
    return happened;
  }

  async #before(): Promise<void> {
    if (this.#rival === undefined) return;
    this.#writes += 1;
    if (this.#writes !== this.#at) return;
    const rival = this.#rival;
    this.#rival = undefined;
    await rival();
  }

  override async put(...args: Parameters<Table["put"]>) {
    await this.#before();
    return super.put(...args);
  }
  override async putIfAbsent(...args: Parameters<Table["putIfAbsent"]>) {
    await this.#before();
    return super.putIfAbsent(...args);
  }
  override async delete(...args: Parameters<Table["delete"]>) {
    await this.#before();
    return super.delete(...args);
  }
  override async deleteMany(...args: Parameters<Table["deleteMany"]>) {
    await this.#before();
    return super.deleteMany(...args);
  }
  override async deleteIf(...args: Parameters<Table["deleteIf"]>) {
    await this.#before();
    return super.deleteIf(...args);
  }
  override async add(...args: Parameters<Table["add"]>) {
    await this.#before();
    return super.add(...args);
  }
  override async update(...args: Parameters<Table["update"]>) {
    await this.#before();
    return super.update(...args);
  }
  /** `tryTransact` comes this way too. */
  override async transact(...args: Parameters<Table["transact"]>) {
    await this.#before();
    return super.transact(...args);
  }
}
