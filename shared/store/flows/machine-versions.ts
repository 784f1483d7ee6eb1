import { keys } from "../keys.ts";
import type { Table } from "../table.ts";
import type { FlowIdentity } from "./flow-item.ts";

/** A version's machine, and whether each step of it asks a gate. */
export interface MachineVersion {
  readonly arn: string;
  readonly gated: boolean;
}

/** Versions whose machine is remembered: those that records come in for. */
const MAX_KEPT = 1_000;

/** Written once and never changed, so they are remembered; a machine that is gone since is told of by the start. */
export class MachineVersions {
  readonly #table: Table;
  readonly #known = new Map<string, MachineVersion>();
  constructor(table: Table) {
    this.#table = table;
  }

  async of(run: FlowIdentity & { readonly version: number }): Promise<MachineVersion | undefined> {
    const key = keys.version(run.workspace, run.flowId, run.incarnation, run.version);
    const name = `${key.PK} ${key.SK}`;
    const known = this.#known.get(name);
    if (known !== undefined) return known;
    const { machineVersionArn: arn, gated } = (await this.#table.get(key)) ?? {};
    if (typeof arn !== "string") return undefined;
    const found = { arn, gated: gated === true };
    if (this.#known.size >= MAX_KEPT) this.#known.clear();
    this.#known.set(name, found);
    return found;
  }
}
