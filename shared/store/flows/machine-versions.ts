import { type ItemKey, keys } from "../keys.ts";
import { TableStore } from "../table.ts";
import type { FlowIdentity } from "./flow-item.ts";

/** The state machine version of a flow version, and whether each of its steps asks a gate. */
export interface MachineVersion {
  readonly arn: string;
  readonly gated: boolean;
}

/** Maximum number of versions kept in memory. */
const MAX_KEPT = 1_000;

type RunOfVersion = FlowIdentity & { readonly version: number };

/**
 * Caches versions in memory, because they hardly ever change. If the machine or its version was deleted in the meantime, the start of an
 * execution reports it.
 */
export class MachineVersions extends TableStore {
  readonly #known = new Map<string, MachineVersion>();

  async of(run: RunOfVersion): Promise<MachineVersion | undefined> {
    const key = keyOf(run);
    const name = `${key.PK} ${key.SK}`;
    return this.#known.get(name) ?? this.fresh(run);
  }

  /** Reads the version from the table, even if it is cached. */
  async fresh(run: RunOfVersion): Promise<MachineVersion | undefined> {
    const key = keyOf(run);
    const name = `${key.PK} ${key.SK}`;
    const { machineVersionArn: arn, prunedAt, gated } = (await this.table.get(key)) ?? {};
    this.#known.delete(name);
    if (typeof arn !== "string" || prunedAt !== undefined) return undefined;
    const found = { arn, gated: gated === true };
    if (this.#known.size >= MAX_KEPT) this.#known.clear();
    this.#known.set(name, found);
    return found;
  }
}

const keyOf = ({ workspace, flowId, incarnation, version }: RunOfVersion): ItemKey =>
  keys.version(workspace, flowId, incarnation, version);
