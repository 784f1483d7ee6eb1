import { attributeName } from "../../../../shared/model/attributes.ts";
import type { RunFilter } from "../../../../shared/model/schemas/run-filter.ts";
import { RUN_STATUSES, type RunStatus } from "../../../../shared/model/transitions.ts";
import type { RunsQuery } from "../../api/runs.ts";

/** The list's filters in the page's address, with the same names as in the API. */
export type RunsSearch = Readonly<Partial<RunFilter>>;

const TEXTS = [
  ...["flowId", "startedBy", "pausedBy", "createdAfter", "createdBefore", "error", "failure"],
] as const satisfies readonly (keyof RunsSearch)[];
const VERSION = /^[1-9]\d{0,5}$/;

const isStatus = (value: unknown): value is RunStatus => RUN_STATUSES.some((status) => status === value);

/** Reads the filters from an address, and ignores anything else in it. */
export const runsSearch = (search: Record<string, unknown>): RunsSearch => {
  const asked = search["status"];
  const list = typeof asked === "string" ? asked.split(",") : Array.isArray(asked) ? asked : [];
  const status = list.filter(isStatus);
  const texts = TEXTS.flatMap((name) => {
    const value = search[name];
    return value === undefined || value === "" ? [] : [[name, String(value)]];
  });
  const attributes = Object.entries(search).filter(([name]) => attributeName(name) !== undefined);
  const version = String(search["flowVersion"] ?? "");
  return {
    ...Object.fromEntries(texts),
    ...Object.fromEntries(attributes.map(([name, value]) => [name, String(value)])),
    ...(status.length > 0 ? { status } : {}),
    ...(VERSION.test(version) ? { flowVersion: Number(version) } : {}),
  };
};

/** The filter as query parameters of the API. */
export const runsQuery = ({ status, ...texts }: RunsSearch): RunsQuery => ({
  ...texts,
  ...(status === undefined ? {} : { status: status.join(",") }),
});
