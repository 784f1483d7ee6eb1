import { promisify } from "node:util";
import { gunzip, gzip } from "node:zlib";
import type { JsonObject } from "../../model/json/json.ts";
import { between, type Change, within } from "../expressions.ts";
import type { Item } from "../keys.ts";
import { keys } from "../keys.ts";
import { TableStore } from "../table.ts";
import type { FlowIdentity } from "./flow-item.ts";

export interface VersionItem {
  readonly version: number;
  readonly createdAt: string;
  readonly createdBy: string;
  readonly warnings: readonly string[];
  readonly definitionHash: string;
  readonly runAs: "user" | "system";
  readonly timeoutSeconds?: number;
  /** Whether one of its steps has `Requires`. */
  readonly requires?: boolean;
  /** Whether each of its steps asks a gate before it begins. */
  readonly gated?: boolean;
  /** The expressions of its runs' attributes, by name. */
  readonly index?: Readonly<Record<string, string>>;
  /** How long a run is expected to last, an ISO 8601 duration. */
  readonly expect?: string;
  /** Absent until the state machine version has been published. */
  readonly machineVersionArn?: string;
  /** When it was pruned (ISO 8601), because its state machine had too many versions. */
  readonly prunedAt?: string;
  /** The state machine version of a pruned version has been deleted. */
  readonly machineGone?: boolean;
  /** When its number was last chosen, for an activation or a replay. ISO 8601. */
  readonly keptAt?: string;
}

const compress = promisify(gzip);
const decompress = promisify(gunzip);

/** DynamoDB limits an item to 400 KB, including keys. A compressed text that is longer is split into several items. */
const MAX_PIECE_BYTES = 390_000;
const FIRST = 0;
const LAST = 999_999;

export interface FlowTexts {
  readonly user: JsonObject;
  readonly compiled: JsonObject;
}

/** A definition's text as it was published. */
export interface FlowSource {
  readonly text: string;
  readonly substitutions?: Readonly<Record<string, string | number | boolean>>;
}

const versionItem = ({ PK: _partition, SK: _sort, ...record }: Item): VersionItem =>
  record as unknown as VersionItem;

/** Versions of flows. Conditional puts assign their numbers, so no two publishers get the same one. */
export class VersionStore extends TableStore {
  read(flow: FlowIdentity, version: number): Promise<VersionItem | undefined> {
    return this.table.read(keys.version(flow.workspace, flow.flowId, flow.incarnation, version), versionItem);
  }

  /** Returns versions with numbers below `before`, newest first, including those that have no machine yet. */
  async list(flow: FlowIdentity, limit: number, before = LAST + 1): Promise<VersionItem[]> {
    const key = (version: number) => keys.version(flow.workspace, flow.flowId, flow.incarnation, version);
    const items = await this.table.first({
      key: between(key(FIRST).PK, key(FIRST).SK, key(before - 1).SK),
      newestFirst: true,
      limit,
    });
    return items.map(versionItem);
  }

  /** Reserves the version's number. Returns false if another publisher has reserved it. */
  async reserve(flow: FlowIdentity, record: VersionItem): Promise<boolean> {
    return this.table.putIfAbsent({
      ...keys.version(flow.workspace, flow.flowId, flow.incarnation, record.version),
      ...record,
    });
  }

  /** Makes the version ready to start runs. */
  async finish(flow: FlowIdentity, version: number, machineVersionArn: string): Promise<void> {
    await this.table.update(keys.version(flow.workspace, flow.flowId, flow.incarnation, version), {
      set: { machineVersionArn },
      when: [{ text: "attribute_exists(PK) AND attribute_not_exists(machineVersionArn)" }],
    });
  }

  /** Prunes the version. Returns false if its number was chosen since it was read. */
  async prune(flow: FlowIdentity, { version, keptAt }: VersionItem, now: string): Promise<boolean> {
    const { ok } = await this.#update(flow, version, {
      set: { prunedAt: now },
      when: [
        { text: "attribute_exists(machineVersionArn) AND attribute_not_exists(prunedAt)" },
        keptAt === undefined
          ? { text: "attribute_not_exists(keptAt)" }
          : { text: "keptAt = :kept", values: { ":kept": keptAt } },
      ],
    });
    return ok;
  }

  /** Records that the state machine version of a pruned version is deleted, unless the version was restored in the meantime. */
  async forgetMachine(flow: FlowIdentity, { version, machineVersionArn }: VersionItem): Promise<void> {
    await this.#update(flow, version, {
      set: { machineGone: true },
      when: [
        {
          text: "attribute_exists(prunedAt) AND machineVersionArn = :arn",
          values: { ":arn": machineVersionArn ?? "" },
        },
      ],
    });
  }

  /** Records that the version's number was chosen. Returns false if it no longer has a state machine version. */
  async keep(flow: FlowIdentity, version: number, now: string): Promise<boolean> {
    const { ok } = await this.#update(flow, version, {
      set: { keptAt: now },
      when: [{ text: "attribute_exists(machineVersionArn) AND attribute_not_exists(prunedAt)" }],
    });
    return ok;
  }

  /** Restores a pruned version with a new state machine version. */
  async restore(flow: FlowIdentity, version: number, machineVersionArn: string, now: string): Promise<void> {
    await this.#update(flow, version, {
      set: { machineVersionArn, keptAt: now },
      remove: ["prunedAt", "machineGone"],
      when: [{ text: "attribute_exists(PK)" }],
    });
  }

  #update({ workspace, flowId, incarnation }: FlowIdentity, version: number, change: Change) {
    return this.table.update(keys.version(workspace, flowId, incarnation, version), change);
  }

  async putText(flow: FlowIdentity, version: number, part: keyof FlowTexts, text: JsonObject): Promise<void> {
    await this.#putPieces(flow, version, part, JSON.stringify(text));
  }

  async #putPieces(
    flow: FlowIdentity,
    version: number,
    part: keyof FlowTexts | "original",
    text: string,
  ): Promise<void> {
    const packed = await compress(text);
    const { PK, SK } = keys.versionText(flow.workspace, flow.flowId, flow.incarnation, version, part);
    // Nobody reads the pieces before the version is finished, so their order does not matter.
    for (let from = 0; from < packed.length; from += MAX_PIECE_BYTES) {
      const piece = from === 0 ? SK : `${SK}#${from / MAX_PIECE_BYTES}`;
      await this.table.put({ PK, SK: piece, text: packed.subarray(from, from + MAX_PIECE_BYTES) });
    }
  }

  async text(flow: FlowIdentity, version: number, part: keyof FlowTexts): Promise<JsonObject | undefined> {
    const text = await this.#pieces(flow, version, part);
    return text === undefined ? undefined : (JSON.parse(text) as JsonObject);
  }

  async #pieces(
    flow: FlowIdentity,
    version: number,
    part: keyof FlowTexts | "original",
  ): Promise<string | undefined> {
    const key = keys.versionText(flow.workspace, flow.flowId, flow.incarnation, version, part);
    const pieces: Uint8Array[] = [];
    for await (const { text } of this.table.query({ key: within(key.PK, key.SK) })) {
      if (text instanceof Uint8Array) pieces.push(text);
    }
    if (pieces.length === 0) return undefined;
    return (await decompress(Buffer.concat(pieces))).toString("utf8");
  }

  /**
   * Stores the text that was published, unless it does not fit into one item: it only serves editing, and nothing depends on
   * it. One item, so that a later text of the same definition replaces all of it.
   */
  async putSource(flow: FlowIdentity, version: number, source: FlowSource): Promise<void> {
    const packed = await compress(JSON.stringify(source));
    if (packed.length > MAX_PIECE_BYTES) return;
    const key = keys.versionText(flow.workspace, flow.flowId, flow.incarnation, version, "source");
    await this.table.put({ ...key, text: packed });
  }

  /** Absent for a definition that was sent as an object, and for versions of release 0.1. */
  async source(flow: FlowIdentity, version: number): Promise<FlowSource | undefined> {
    const key = keys.versionText(flow.workspace, flow.flowId, flow.incarnation, version, "source");
    const { text } = (await this.table.get(key)) ?? {};
    if (!(text instanceof Uint8Array)) return undefined;
    return JSON.parse((await decompress(text)).toString("utf8")) as FlowSource;
  }

  /** Stores the original definition of an attached machine byte for byte, so that it can be restored. */
  async putOriginal(flow: FlowIdentity, version: number, text: string): Promise<void> {
    await this.#putPieces(flow, version, "original", text);
  }

  async original(flow: FlowIdentity, version: number): Promise<string | undefined> {
    return this.#pieces(flow, version, "original");
  }

  /** Stores the name of a replay machine, so that the machine is deleted with the flow. */
  async putReplayMachine(
    flow: FlowIdentity,
    version: number,
    state: string,
    machine: { readonly name: string; readonly made: boolean },
  ): Promise<void> {
    const key = keys.replayMachine(flow.workspace, flow.flowId, flow.incarnation, version, state);
    await this.table.put({ ...key, ...machine });
  }

  async hasReplayMachine(flow: FlowIdentity, version: number, state: string): Promise<boolean> {
    const key = keys.replayMachine(flow.workspace, flow.flowId, flow.incarnation, version, state);
    return (await this.table.get(key))?.["made"] === true;
  }

  /** Returns the names of all replay machines, including those that may never have been created. */
  async *replayMachines(flow: FlowIdentity): AsyncGenerator<string> {
    const { PK } = keys.flow(flow.workspace, flow.flowId);
    for await (const item of this.table.query({ key: within(PK, `M#${flow.incarnation}#`) })) {
      yield String(item["name"]);
    }
  }
}
