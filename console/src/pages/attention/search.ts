import type { ViewFilter } from "../../../../shared/model/schemas/run-filter.ts";
import type { RunsQuery } from "../../api/runs.ts";
import { type RunsSearch, runsQuery, runsSearch } from "../runs/search.ts";

export type AttentionSearch = RunsSearch & { readonly include?: "waiting" };

/** Reads the filter from a page address, or from a saved view, in which `include` is a list. */
export const attentionSearch = (search: Record<string, unknown>): AttentionSearch => {
  const { include } = search;
  const isIncluded = include === "waiting" || (Array.isArray(include) && include.includes("waiting"));
  return { ...runsSearch(search), ...(isIncluded ? { include: "waiting" as const } : {}) };
};

/** The filter as query parameters of the API. */
export const attentionQuery = ({ include, ...filter }: AttentionSearch): RunsQuery => ({
  ...runsQuery(filter),
  ...(include === undefined ? {} : { include }),
});

/** The filter as a saved view stores it. */
export const attentionView = ({ include, ...filter }: AttentionSearch): ViewFilter => ({
  ...filter,
  ...(include === undefined ? {} : { include: [include] }),
});
