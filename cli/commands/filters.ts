import type { Command } from "commander";
import type { RunFilter } from "../../shared/model/schemas/run-filter.ts";
import { usage } from "../failure.ts";
import type { Query } from "../http/path.ts";
import { pastInstant } from "../terminal/times.ts";

export interface FilterOptions {
  readonly status?: string;
  readonly flow?: string;
  readonly startedBy?: string;
  readonly pausedBy?: string;
  readonly createdAfter?: string;
  readonly createdBefore?: string;
  readonly error?: string;
}

/** The filter as bulk operations and views carry it; which statuses there are, the service knows. */
export type Filter = Omit<RunFilter, "status"> & { readonly status?: readonly string[] | undefined };

export const withFilters = (command: Command): Command =>
  command
    .option("--status <list>", "statuses, separated by commas")
    .option("--flow <flowId>", "runs of this flow")
    .option("--started-by <id>", "runs that this user or client started")
    .option("--paused-by <userId>", "runs that this user paused; user or flow: by any user, by their flow")
    .option("--created-after <time>", "ISO 8601, or a duration ago such as P1D")
    .option("--created-before <time>", "ISO 8601, or a duration ago such as P1D")
    .option("--error <text>", "part of the error's name or cause");

export const filterOf = (options: FilterOptions, now: number): Filter => {
  const { status, flow, startedBy, pausedBy, createdAfter, createdBefore, error } = options;
  return {
    ...(status === undefined ? {} : { status: listOf(status, "--status") }),
    ...(flow === undefined ? {} : { flowId: flow }),
    ...(startedBy === undefined ? {} : { startedBy }),
    ...(pausedBy === undefined ? {} : { pausedBy }),
    ...(createdAfter === undefined ? {} : { createdAfter: pastInstant(createdAfter, now) }),
    ...(createdBefore === undefined ? {} : { createdBefore: pastInstant(createdBefore, now) }),
    ...(error === undefined ? {} : { error }),
  };
};

/** The same as a list's query. */
export const queryOf = ({ status, ...others }: Filter): Query => ({
  ...others,
  ...(status === undefined ? {} : { status: status.join(",") }),
});

/** A comma list; spaces around its parts do not count. */
export const listOf = (text: string, option: string): string[] => {
  const parts = text.split(",").map((part) => part.trim());
  if (parts.includes("")) throw usage(`${option} has an empty part: "${text}"`);
  return parts;
};
