import { createHash, randomBytes } from "node:crypto";
import { v7 as uuidV7 } from "uuid";

/** Where new identities come from; an argument, so that tests can fix them. */
export interface IdSource {
  /** A run's id: time-ordered, 36 characters. */
  runId(now: number): string;
  /** An identity that is never used again (holds, intents, incarnations): 16 characters of a-z0-9, 80 bits. */
  unique(): string;
}

const ALPHABET = "abcdefghijklmnopqrstuvwxyz234567";
export const randomIds: IdSource = {
  runId: (now) => uuidV7({ msecs: now }),
  unique: () => [...randomBytes(16)].map((byte) => ALPHABET[byte % 32]).join(""),
};

const hash = (...parts: string[]): Buffer => createHash("sha256").update(JSON.stringify(parts)).digest();

/** A short stable name of several texts: 16 hex digits. */
export const digest = (...parts: string[]): string =>
  hash(...parts)
    .toString("hex")
    .slice(0, 16);

/** Which of `count` shards a run belongs to. */
export const shardOf = (runId: string, count: number): number => hash("shard", runId).readUInt32BE(0) % count;

/**
 * The id of a run dispatched with an Idempotency-Key: the same caller, flow and key give the same run, whoever retries.
 * Shaped as a UUID (version 8, custom) so that it looks like every other id.
 */
export const idempotentRunId = (...scope: string[]): string => {
  const hex = hash("idempotency", ...scope).toString("hex");
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
};
