import type { Table } from "../client.ts";
import type { HoldItem } from "../records.ts";
import { keys } from "../table.ts";

/** The small item that every gate reads, strongly consistent. */
export class HoldStore {
  readonly #table: Table;
  constructor(table: Table) {
    this.#table = table;
  }

  /** Undefined for a flow that is gone. */
  async get(workspace: string, flowId: string, incarnation: string): Promise<HoldItem | undefined> {
    const item = await this.#table.get(keys.hold(workspace, flowId, incarnation));
    return item as HoldItem | undefined;
  }
}

export const isHeld = (hold: Pick<HoldItem, "holds"> | undefined): boolean =>
  hold !== undefined && Object.values(hold.holds).some((one) => one !== undefined);
