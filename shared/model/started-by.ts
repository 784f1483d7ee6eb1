import type { Run } from "./schemas/run.ts";

/** Returns the id of the user or client that started a run, or the name of the execution that began it. */
export const starterName = ({ startedBy }: Pick<Run, "startedBy">): string =>
  typeof startedBy === "string" ? startedBy : startedBy.id;
