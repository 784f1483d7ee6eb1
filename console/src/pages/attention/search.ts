import { type RunsSearch, runsSearch } from "../runs/search.ts";

export type AttentionSearch = RunsSearch & { readonly include?: "waiting" };

export const attentionSearch = (search: Record<string, unknown>): AttentionSearch => ({
  ...runsSearch(search),
  ...(search["include"] === "waiting" ? { include: "waiting" as const } : {}),
});
