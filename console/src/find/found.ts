import { queryOptions } from "@tanstack/react-query";
import { ApiError } from "../../../shared/client/api-error.ts";
import { allItems } from "../../../shared/client/pages.ts";
import { type AttributeFilters, attributeFilter, namedAttribute } from "../../../shared/model/attributes.ts";
import { MAX_PAGE } from "../../../shared/model/limits.ts";
import type { Flow } from "../../../shared/model/schemas/flow.ts";
import type { Run } from "../../../shared/model/schemas/run.ts";
import { api } from "../api/client.ts";

/** Results of each kind in the dialog. The links below them lead to the whole lists. */
const SHOWN = 5;
/** Names of attributes whose values are compared with a text that names none. */
const MAX_NAMES = 5;
const CACHED_MS = 60_000;

const RUN_ID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** A link to a list of all matching runs. */
export type FoundList =
  | { readonly list: "runs"; readonly filter: AttributeFilters; readonly label: string }
  | { readonly list: "attention"; readonly error: string; readonly label: string };

export interface Found {
  readonly runs: readonly Run[];
  readonly flows: readonly Flow[];
  readonly lists: readonly FoundList[];
}

/** Finds the runs and flows that a text may mean. */
export const foundQuery = (workspace: string, text: string, mayReadFlows: boolean) =>
  queryOptions({
    queryKey: [workspace, "find", text, mayReadFlows],
    queryFn: async ({ signal, client }): Promise<Found> => {
      if (RUN_ID.test(text)) return { ...NOTHING, runs: await byId(workspace, text, signal) };
      const named = namedAttribute(text);
      if (named !== undefined) return byAttributes(workspace, [named], signal);
      const [flows, names] = await Promise.all([
        mayReadFlows ? client.fetchQuery(allFlowsQuery(workspace)) : [],
        client.fetchQuery(attributeNamesQuery(workspace)),
      ]);
      const [attributes, failed] = await Promise.all([
        byAttributes(
          workspace,
          names.map((name) => [name, text] as const),
          signal,
        ),
        byError(workspace, text, signal),
      ]);
      const asked = text.toLowerCase();
      return {
        flows: flows
          .filter((flow) => [flow.flowId, flow.name].some((name) => name.toLowerCase().includes(asked)))
          .slice(0, SHOWN),
        runs: distinct([...attributes.runs, ...failed.runs]),
        lists: [...attributes.lists, ...failed.lists],
      };
    },
    enabled: text !== "",
    staleTime: 5_000,
    refetchOnWindowFocus: false,
  });

const NOTHING: Found = { runs: [], flows: [], lists: [] };

const byId = async (workspace: string, runId: string, signal: AbortSignal): Promise<Run[]> => {
  try {
    return [await api.getRun({ workspace, runId: runId.toLowerCase(), signal })];
  } catch (error) {
    if (error instanceof ApiError && error.status === 404) return [];
    throw error;
  }
};

/** Runs that have one of the attributes. */
const byAttributes = async (
  workspace: string,
  attributes: readonly (readonly [name: string, value: string])[],
  signal: AbortSignal,
): Promise<Found> => {
  const found = await Promise.all(
    attributes.map(async ([name, value]) => {
      const filter = attributeFilter(name, value);
      const { items } = await api.listRuns({ workspace, query: { ...filter, limit: SHOWN }, signal });
      const label = `All runs with ${name} ${value}`;
      return { runs: items, lists: items.length === 0 ? [] : [{ list: "runs" as const, filter, label }] };
    }),
  );
  return {
    ...NOTHING,
    runs: found.flatMap(({ runs }) => runs),
    lists: found.flatMap(({ lists }) => lists),
  };
};

/** Runs that failed, or were paused, with the text in their error. */
const byError = async (workspace: string, error: string, signal: AbortSignal): Promise<Found> => {
  const query = { error, limit: SHOWN };
  const { items, nextCursor } = await api.listAttention({ workspace, query, signal });
  const label = `All runs with “${error}” in their error`;
  const isFound = items.length > 0 || nextCursor !== undefined;
  return { ...NOTHING, runs: items, lists: isFound ? [{ list: "attention", error, label }] : [] };
};

const allFlowsQuery = (workspace: string) =>
  queryOptions({
    queryKey: [workspace, "flows", "all"],
    queryFn: ({ signal }) =>
      allItems((cursor) => api.listFlows({ workspace, query: { limit: MAX_PAGE, cursor }, signal })),
    staleTime: CACHED_MS,
  });

/** The names of attributes that the latest runs have. */
const attributeNamesQuery = (workspace: string) =>
  queryOptions({
    queryKey: [workspace, "find", "attribute-names"],
    queryFn: async ({ signal }) => {
      const query = { limit: MAX_PAGE };
      const { items } = await api.listRuns({ workspace, query, signal });
      const names = items.flatMap(({ attributes = {} }) => Object.keys(attributes));
      return [...new Set(names)].slice(0, MAX_NAMES);
    },
    staleTime: CACHED_MS,
  });

const distinct = (runs: readonly Run[]): Run[] => [...new Map(runs.map((run) => [run.runId, run])).values()];
