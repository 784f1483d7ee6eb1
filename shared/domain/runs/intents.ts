import type { IdSource } from "../../model/ids.ts";
import { iso } from "../../model/time/clock.ts";
import type { Intent, IntentKind } from "../../store/intent.ts";

const FIRST_REDO_MS = 60_000;
const LAST_REDO_MS = 3_600_000;

/**
 * Returns the intent to write together with a change: the calls that remain to be made for it, and those of an unfinished older
 * intent.
 */
export const newIntent = (
  kinds: readonly IntentKind[],
  older: Intent | undefined,
  now: number,
  ids: IdSource,
): Intent => ({
  id: ids.unique(),
  due: iso(now + FIRST_REDO_MS),
  kinds: [...new Set([...(older?.kinds ?? []), ...kinds])],
  tries: 0,
});

/** Returns the intent with its next due time: a minute later at first, at most an hour. */
export const laterIntent = (intent: Intent, now: number): Intent => ({
  ...intent,
  due: iso(now + Math.min(FIRST_REDO_MS * 2 ** Math.min(intent.tries + 1, 10), LAST_REDO_MS)),
  tries: intent.tries + 1,
});
