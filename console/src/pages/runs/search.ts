import { RUN_STATUSES, type RunStatus } from "../../../../shared/model/transitions.ts";

/** The list's filters as they stand in the page's address, by the names of the API. */
export interface RunsSearch {
  readonly status?: readonly RunStatus[];
  readonly flowId?: string;
  readonly startedBy?: string;
  readonly pausedBy?: string;
  readonly createdAfter?: string;
  readonly createdBefore?: string;
  readonly error?: string;
}

const TEXTS = ["flowId", "startedBy", "pausedBy", "createdAfter", "createdBefore", "error"] as const;

const isStatus = (value: unknown): value is RunStatus => RUN_STATUSES.some((status) => status === value);

/** What of an address is a filter; anything else in it is left out. */
export const runsSearch = (search: Record<string, unknown>): RunsSearch => {
  const asked = search["status"];
  const list = typeof asked === "string" ? asked.split(",") : Array.isArray(asked) ? asked : [];
  const status = list.filter(isStatus);
  const texts = TEXTS.flatMap((name) => {
    const value = search[name];
    return value === undefined || value === "" ? [] : [[name, String(value)]];
  });
  return { ...Object.fromEntries(texts), ...(status.length > 0 ? { status } : {}) };
};

/** The filter as the API's query takes it. */
export const runsQuery = ({ status, ...texts }: RunsSearch): Record<string, string | undefined> => ({
  ...texts,
  ...(status === undefined ? {} : { status: status.join(",") }),
});
