import type { Journal } from "./database.ts";
import { Definitions } from "./definitions.ts";
import { Executions } from "./executions.ts";
import { Frames } from "./frames.ts";
import { History } from "./history.ts";
import { Machines } from "./machines.ts";
import { Outbox } from "./outbox.ts";
import { Tokens } from "./tokens.ts";

export interface Stores {
  readonly definitions: Definitions;
  readonly machines: Machines;
  readonly executions: Executions;
  readonly frames: Frames;
  readonly history: History;
  readonly tokens: Tokens;
  readonly outbox: Outbox;
}

export const openStores = (journal: Journal, now: () => number): Stores => {
  const executions = new Executions(journal);
  return {
    definitions: new Definitions(journal),
    machines: new Machines(journal),
    executions,
    frames: new Frames(journal, (id) => executions.get(id).status === "RUNNING"),
    history: new History(journal, now),
    tokens: new Tokens(journal),
    outbox: new Outbox(journal),
  };
};

/** Everything of an execution whose name is used anew. */
export const forgetExecution = ({ executions, frames, history, tokens }: Stores, id: number): void => {
  history.delete(id);
  frames.deleteExecution(id);
  tokens.delete(id);
  executions.delete(id);
};
