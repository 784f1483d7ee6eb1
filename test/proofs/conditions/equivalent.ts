const NESTED = "A minute lies in one hour and one day, and a day in one month: the shortest window decides.";
const TOGETHER = "The windows of a meter are written together: where one is there, so are the others.";
const LATER = "A window that a clock ahead of ours has begun is counted in, as after the refusal.";

const MINUTE = "(#minuteStart = :is_minute)";
const HOUR = "(#hourStart = :is_hour)";
const DAY = "(#dayStart = :is_day)";
const MONTH = "(#monthStart = :is_month)";
const THROUGHPUT = [MINUTE, HOUR, DAY].join(" AND ");
const FIRST = ["minute", "hour", "day"].map((unit) => `(attribute_not_exists(#${unit}Start))`);

const SAME = "It writes the time that is there.";
const NO_HOLDERS = "An item that does not exist has no holders whose size could be below the limit.";
const CLAIMS = ["", " AND attribute_not_exists(waiting)"].map(
  (alone) => `(attribute_exists(holders.#run) OR (attribute_exists(PK) AND size(holders) < :limit${alone}))`,
);

/** Weaker conditions that nobody can tell from those of the code, with the reason. */
export const EQUIVALENT: Readonly<Record<string, string>> = {
  [`without ${HOUR}  in  ${THROUGHPUT}`]: NESTED,
  [`without ${DAY}  in  ${THROUGHPUT}`]: NESTED,
  [`without ${HOUR}  in  ${THROUGHPUT} AND (#limited <= :room)`]: NESTED,
  [`without ${DAY}  in  ${THROUGHPUT} AND (#limited <= :room)`]: NESTED,
  [`without ${MONTH}  in  ${DAY} AND ${MONTH}`]: NESTED,
  ...Object.fromEntries(FIRST.map((unit) => [`without ${unit}  in  ${FIRST.join(" AND ")}`, TOGETHER])),
  [`#hourStart >= :is_hour  in  ${HOUR}`]: LATER,
  [`#dayStart >= :is_day  in  ${DAY}`]: LATER,
  [`#monthStart >= :is_month  in  ${MONTH}`]: LATER,
  "due <= :until  in  (attribute_exists(dueKey) AND due < :until)": SAME,
  "dropped <= :time  in  (attribute_not_exists(dropped) OR dropped < :time)": SAME,
  ...Object.fromEntries(CLAIMS.map((claim) => [`without attribute_exists(PK)  in  ${claim}`, NO_HOLDERS])),
  "without (attribute_not_exists(writes) OR writes = :writes)  in  (attribute_not_exists(PK)) AND (attribute_not_exists(writes) OR writes = :writes)":
    "An item that does not exist has no attribute.",
};
