import { type RunsSearch, runsQuery, runsSearch } from "../runs/search.ts";

export type AttentionSearch = RunsSearch & { readonly include?: "waiting" };

/** Of an address, or of a saved view, which has `include` as a list. */
export const attentionSearch = (search: Record<string, unknown>): AttentionSearch => {
  const { include } = search;
  const isIncluded = include === "waiting" || (Array.isArray(include) && include.includes("waiting"));
  return { ...runsSearch(search), ...(isIncluded ? { include: "waiting" as const } : {}) };
};

export const attentionQuery = ({
  include,
  ...filter
}: AttentionSearch): Record<string, string | undefined> => ({
  ...runsQuery(filter),
  ...(include === undefined ? {} : { include }),
});

/** As a saved view keeps it. */
export const attentionView = ({
  include,
  ...filter
}: AttentionSearch): Readonly<Record<string, unknown>> => ({
  ...filter,
  ...(include === undefined ? {} : { include: [include] }),
});
