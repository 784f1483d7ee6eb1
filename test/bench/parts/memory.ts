import { measureFootprint } from "../footprint.ts";
import type { Bench, Line } from "../report.ts";

const FLOWS = 300;
const MAX_THREADS = 8;
const MAX_MIB = 400;

/** Memory and threads of an idle local stack with many flows and functions. */
export const bench: Bench = async ({ quick }) => {
  const count = quick ? 30 : FLOWS;
  const { published, ran } = await measureFootprint(count);
  return Object.entries({
    [`${count} flows and functions published`]: published,
    "all have run": ran,
  }).flatMap(([when, { threads, resident }]): Line[] => [
    {
      ...{ name: `threads beyond Node's own, ${when}`, value: threads, unit: "" },
      mark: { of: "value", atMost: MAX_THREADS },
    },
    {
      ...{ name: `memory, ${when}`, value: resident, unit: "MiB" },
      mark: { of: "value", atMost: MAX_MIB },
    },
  ]);
};
