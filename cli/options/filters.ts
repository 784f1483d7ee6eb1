import type { Command } from "commander";
import { attributeFilter } from "../../shared/model/attributes.ts";
import type { RunFilter } from "../../shared/model/schemas/run-filter.ts";
import { usage } from "../failure.ts";
import { pastInstant } from "../terminal/times.ts";
import { positive } from "./paging.ts";
import { addValue } from "./set-option.ts";

/** The filters under the names of the API, except those whose options have other names or forms. */
export interface FilterOptions
  extends Readonly<Omit<RunFilter, "status" | "flowId" | `attribute.${string}`>> {
  readonly attribute?: Readonly<Record<string, string>>;
  readonly status?: string;
  readonly flow?: string;
}

export const withFilters = (command: Command): Command =>
  command
    .option("--status <list>", "in one of these statuses, separated by commas")
    .option("--flow <flowId>", "of this flow")
    .option("--started-by <id>", "started by this user or client")
    .option("--paused-by <userId>", 'paused by this user; "user" for any user, "flow" for the flow')
    .option("--created-after <time>", "created after this ISO 8601 time, or this long ago, such as P1D")
    .option("--created-before <time>", "created before this ISO 8601 time, or this long ago, such as P1D")
    .option("--error <text>", "failed with this text in the error's name or cause")
    .option("--failure <failureId>", "in this group of failures, as sluice failures shows it")
    .option(
      "--attribute <name=value>",
      "with this value of an attribute (repeatable)",
      addValue("--attribute"),
    )
    .option("--flow-version <n>", "on this version of the flow", positive);

/** The filter of bulk operations and views. */
export const filterOf = (options: FilterOptions, now: number): RunFilter => {
  const { status, flow, startedBy, pausedBy, createdAfter, createdBefore, error } = options;
  const { failure, flowVersion, attribute = {} } = options;
  return {
    // The service knows the valid statuses.
    ...(status === undefined ? {} : { status: listOf(status, "--status") as RunFilter["status"] }),
    ...(flow === undefined ? {} : { flowId: flow }),
    ...(startedBy === undefined ? {} : { startedBy }),
    ...(pausedBy === undefined ? {} : { pausedBy }),
    ...(createdAfter === undefined ? {} : { createdAfter: pastInstant(createdAfter, now) }),
    ...(createdBefore === undefined ? {} : { createdBefore: pastInstant(createdBefore, now) }),
    ...(error === undefined ? {} : { error }),
    ...(failure === undefined ? {} : { failure }),
    ...(flowVersion === undefined ? {} : { flowVersion }),
    ...Object.assign({}, ...Object.entries(attribute).map(([name, value]) => attributeFilter(name, value))),
  };
};

/** The same filter as query parameters of a list. */
export const queryOf = ({ status, ...others }: RunFilter) => ({
  ...others,
  ...(status === undefined ? {} : { status: status.join(",") }),
});

/** Splits a list at its commas and trims the parts. */
export const listOf = (text: string, option: string): string[] => {
  const parts = text.split(",").map((part) => part.trim());
  if (parts.includes("")) throw usage(`${option} must not have an empty entry: "${text}"`);
  return parts;
};
