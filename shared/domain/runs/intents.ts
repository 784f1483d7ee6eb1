import type { IdSource } from "../../model/ids.ts";
import { iso } from "../../model/time/clock.ts";
import type { Intent, IntentKind } from "../../store/intent.ts";

const FIRST_REDO_MS = 60_000;
const LAST_REDO_MS = 3_600_000;

/** What is still to be done for a change, written together with it. Takes in what an unfinished older intent wanted. */
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

/** The same intent with its next due time: redos are a minute apart at first, at most an hour. */
export const laterIntent = (intent: Intent, now: number): Intent => ({
  ...intent,
  due: iso(now + Math.min(FIRST_REDO_MS * 2 ** Math.min(intent.tries + 1, 10), LAST_REDO_MS)),
  tries: intent.tries + 1,
});
