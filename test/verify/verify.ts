import { randomBytes } from "node:crypto";
import { forEachConcurrent } from "../../shared/domain/concurrency.ts";
import type { Client } from "../harness/clients/client.ts";
import { access, bulk, caps, hold, publish } from "./checks-of-flows.ts";
import { type Check, cancel, deletion, failure, idempotency, pause, people, run } from "./checks-of-runs.ts";
import { type Pace, Premises } from "./premises.ts";

/** The core of the acceptance tests, for any deployed instance. */
export const CHECKS: Readonly<Record<string, Check>> = {
  access,
  publish,
  run,
  idempotency,
  pause,
  cancel,
  failure,
  people,
  hold,
  caps,
  bulk,
  deletion,
};

export interface Verdict {
  readonly check: string;
  readonly ok: boolean;
  readonly seconds: number;
  /** Why it failed, or what could not be cleaned up. */
  readonly detail?: string;
}

interface Settings {
  readonly pace: Pace;
  readonly checks: readonly string[];
  readonly concurrency: number;
  /** Called with each verdict as soon as it is known. */
  readonly report: (verdict: Verdict) => void;
}

/** Makes the checks through the public API alone. Every check deletes what it has made, whether it passes or fails. */
export const verify = async (client: Client, settings: Settings): Promise<Verdict[]> => {
  const session = `verify-${randomBytes(4).toString("hex")}`;
  const verdicts: Verdict[] = [];
  await forEachConcurrent(settings.checks, { concurrency: settings.concurrency }, async (check) => {
    const verdict = await verdictOf(check, new Premises(client, session, settings.pace));
    settings.report(verdict);
    verdicts.push(verdict);
  });
  return verdicts;
};

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

const verdictOf = async (check: string, premises: Premises): Promise<Verdict> => {
  const began = performance.now();
  const complaints: string[] = [];
  await CHECKS[check]?.(premises).catch((error: unknown) => complaints.push(messageOf(error)));
  await premises
    .cleanUp()
    .catch((error: unknown) => complaints.push(`It could not clean up: ${messageOf(error)}`));
  const seconds = Math.round((performance.now() - began) / 100) / 10;
  return complaints.length === 0
    ? { check, ok: true, seconds }
    : { check, ok: false, seconds, detail: complaints.join(" ") };
};
