import { createHash, randomBytes } from "node:crypto";
import { v7 as uuidV7 } from "uuid";
import type { Json } from "./json/json.ts";

/** Source of new ids. It is a dependency, so that tests can fix them. */
export interface IdSource {
  /** Returns the id of a run: 36 characters, ordered by time. */
  runId(now: number): string;
  /** Returns an id that is never used again, for holds, intents and incarnations: 16 characters of a-z and 2-7, 80 bits. */
  unique(): string;
}

const ALPHABET = "abcdefghijklmnopqrstuvwxyz234567";
export const randomIds: IdSource = {
  runId: (now) => uuidV7({ msecs: now }),
  unique: () => [...randomBytes(16)].map((byte) => ALPHABET[byte % 32]).join(""),
};

const hash = (...parts: string[]): Buffer => createHash("sha256").update(JSON.stringify(parts)).digest();

/** Returns a stable hash of several strings: 16 hex digits. */
export const digest = (...parts: string[]): string =>
  hash(...parts)
    .toString("hex")
    .slice(0, 16);

/** Returns the shard, of `count`, to which a run belongs. */
export const shardOf = (runId: string, count: number): number => hash("shard", runId).readUInt32BE(0) % count;

/**
 * Returns the id of a run dispatched with an Idempotency-Key: the same caller, flow and key always give the same id. It has the form
 * of a UUID (version 8, custom), like every other run id.
 */
export const idempotentRunId = (...scope: string[]): string => customId("idempotency", ...scope);

/**
 * Returns the id of a native execution's run. A name can be used again after 90 days, so the id also depends on the start time (ISO 8601).
 */
export const nativeRunId = (executionArn: string, startedAt: string): string =>
  customId("native", executionArn, new Date(startedAt).toISOString());

const customId = (...scope: string[]): string => {
  const hex = hash(...scope).toString("hex");
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
};

const sorted = (value: Json): unknown => {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== "object" || value === null) return value;
  // A list of pairs, because `__proto__` and numeric keys have a special meaning in objects.
  return {
    object: Object.keys(value)
      .sort()
      .map((key) => [key, sorted(value[key] ?? null)]),
  };
};

/** Returns a hash of 16 hex digits, equal for JSON values that differ only in the order of their fields. */
export const contentHash = (value: Json): string => digest("content", JSON.stringify(sorted(value)));
