import type { Story, StorySize } from "./story.ts";

const MINUTE_MS = 60_000;

/** Returns what is wrong with a story. */
export const complaintsAbout = (story: Story, size: StorySize): string[] => {
  const { failed, again, census } = story;
  const checks: [boolean, string][] = [
    [failed >= size.cap, "The flow was held before its cap was reached"],
    [failed <= size.inSecond, "A run that was not in the second function when the flow was held has failed"],
    [failed === story.begunBeforeHold, "A call began after the flow was held"],
    [failed + story.standing + story.queued === size.runs - size.breaksAt, "A record is lost"],
    [story.standing + story.queued > size.canary, "Nothing was held"],
    [story.chosen.join() === story.oldest.join(), "The canary's runs are not the oldest"],
    [story.endedWithCanary === size.canary, "More runs than those of the canary have gone first"],
    [
      (again === undefined) === (size.breaksAgainAt === undefined),
      "The function did not break a second time",
    ],
    [again === undefined || again.failed > 0, "Nothing failed the second time"],
    [
      again === undefined || (again.heldAfterMs > 0 && again.heldAfterMs <= MINUTE_MS),
      "The ramp went on for too long",
    ],
    [
      census["completed"] === size.runs - failed - (again?.failed ?? 0),
      "Not every other record has completed",
    ],
    [story.twice === 0, "A record started twice"],
    [story.never === 0, "A record never started"],
    ...fasterThanAllowed(story),
  ];
  return checks.filter(([holds]) => !holds).map(([, complaint]) => complaint);
};

/** Returns what is wrong with a ramp that had enough runs to reach the drain's rate. */
export const complaintsAboutRate = ({ intervals }: Story, { drainRate }: StorySize): string[] => {
  const last = intervals.at(-1);
  if (last?.rate !== drainRate) return ["The ramp was over before it reached the drain's rate"];
  // What one batch lets through may end in this second or the next.
  if (last.fastest >= 0.9 * drainRate && last.fastest <= 2 * drainRate) return [];
  return [`In the fastest second, ${last.fastest} runs went through instead of ${drainRate}`];
};

/**
 * No more runs than allowed have gone through by the end of each interval, and each but the last had more than the one before, as long as
 * some were left.
 */
const fasterThanAllowed = ({ intervals }: Story): [boolean, string][] => {
  let passed = 0;
  let allowed = 0;
  return intervals.flatMap((interval, nth): [boolean, string][] => {
    passed += interval.passed;
    allowed += interval.allowed;
    const before = intervals[nth - 1]?.passed ?? 0;
    const isLast = intervals.slice(nth + 1).every((later) => later.passed === 0);
    return [
      [
        passed <= allowed + interval.rate,
        `By interval ${nth + 1}, ${passed} runs went through instead of ${allowed}`,
      ],
      [isLast || interval.passed > before, `Interval ${nth + 1} was not faster than the one before`],
    ];
  });
};
