import type { Actor } from "../../model/actor.ts";
import { contentHash } from "../../model/ids.ts";
import type { JsonObject } from "../../model/json/json.ts";
import { iso } from "../../model/time/clock.ts";
import type { FlowItem } from "../../store/flows/flow-item.ts";
import type { VersionItem } from "../../store/flows/versions.ts";
import type { AttachDependencies } from "../deps.ts";

type Compiled = Pick<VersionItem, "timeoutSeconds" | "index" | "expect">;

/** Returns what the record of a version stores of its compilation. */
export const compiledRecord = ({ timeoutSeconds, index, expect }: Compiled): Compiled => ({
  ...(timeoutSeconds === undefined ? {} : { timeoutSeconds }),
  ...(index === undefined ? {} : { index }),
  ...(expect === undefined ? {} : { expect }),
});

interface Planned {
  /** The definition and `whenUnreachable`, of which a version is made. */
  readonly identity: readonly [JsonObject, string];
  /** Number of the newest versions of which one may be reused. */
  readonly lookBack: number;
  readonly actor: Actor;
}

/** Returns the version of the same definition, even if it was never finished, or else a new one. Writes nothing. */
export const planRecord = async (
  deps: Pick<AttachDependencies, "clock" | "versions">,
  flow: FlowItem,
  { identity, lookBack, actor }: Planned,
): Promise<{ readonly record: VersionItem; readonly known: boolean }> => {
  const definitionHash = contentHash([...identity]);
  const newest = await deps.versions.list(flow, lookBack);
  const same = newest.find((record) => record.definitionHash === definitionHash);
  if (same !== undefined) return { record: same, known: true };
  const version = (newest[0]?.version ?? 0) + 1;
  const createdAt = iso(deps.clock.now());
  return {
    record: { version, definitionHash, runAs: "system", warnings: [], createdAt, createdBy: actor.id },
    known: false,
  };
};
