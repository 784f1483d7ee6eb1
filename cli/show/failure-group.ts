import type { FailureGroup } from "../../shared/model/schemas/failure.ts";
import type { Column } from "../terminal/table.ts";
import { localTime } from "../terminal/times.ts";

export const failureGroupColumns: Column<FailureGroup>[] = [
  { title: "FAILURE", cell: ({ failureId }) => failureId },
  { title: "RUNS", cell: ({ count }) => String(count) },
  { title: "PAUSED", cell: ({ paused }) => (paused === 0 ? "" : String(paused)) },
  { title: "VERSIONS", cell: ({ versions }) => versions.join(",") },
  { title: "LAST", cell: ({ lastAt }) => localTime(lastAt) },
  { title: "EXAMPLE", cell: ({ exampleRunId }) => exampleRunId },
  {
    title: "CAUSE",
    cell: ({ error, state, cause }) =>
      `${error}${state === "" ? "" : ` in ${state}`}${cause === "" ? "" : `: ${cause}`}`,
  },
];
