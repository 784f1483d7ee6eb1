import { Activities } from "./activities.ts";
import { Aliases } from "./aliases.ts";
import type { Database } from "./database.ts";
import { Executions } from "./executions.ts";
import { Frames } from "./frames.ts";
import { History } from "./history.ts";
import { Definitions, Machines } from "./machines.ts";
import { MapRuns } from "./map-runs.ts";
import { Outbox } from "./outbox.ts";
import { Tags } from "./tags.ts";
import { Awaited, Tokens } from "./tokens.ts";

export interface Stores {
  readonly definitions: Definitions;
  readonly machines: Machines;
  readonly aliases: Aliases;
  readonly tags: Tags;
  readonly executions: Executions;
  readonly frames: Frames;
  readonly history: History;
  readonly tokens: Tokens;
  readonly outbox: Outbox;
  readonly awaited: Awaited;
  readonly mapRuns: MapRuns;
  readonly activities: Activities;
}

export const openStores = (database: Database, now: () => number): Stores => {
  const executions = new Executions(database);
  return {
    definitions: new Definitions(database),
    machines: new Machines(database),
    aliases: new Aliases(database),
    tags: new Tags(database),
    executions,
    frames: new Frames(database, (id) => executions.get(id).status === "RUNNING"),
    history: new History(database, now),
    tokens: new Tokens(database),
    outbox: new Outbox(database),
    awaited: new Awaited(database),
    mapRuns: new MapRuns(database),
    activities: new Activities(database),
  };
};

/** Deletes everything of an execution whose name is used again. */
export const forgetExecution = (
  { executions, frames, history, tokens, mapRuns }: Stores,
  id: number,
): void => {
  history.delete(id);
  frames.deleteExecution(id);
  tokens.delete(id);
  mapRuns.deleteOf(id);
  executions.delete(id);
};
