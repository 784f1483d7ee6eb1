import type { Journal } from "../journal.ts";
import { Definitions } from "./definitions.ts";
import { Executions } from "./executions.ts";
import { Frames } from "./frames.ts";
import { History } from "./history.ts";
import { Machines } from "./machines.ts";
import { Tokens } from "./tokens.ts";

export interface Stores {
  readonly definitions: Definitions;
  readonly machines: Machines;
  readonly executions: Executions;
  readonly frames: Frames;
  readonly history: History;
  readonly tokens: Tokens;
}

export const openStores = (journal: Journal, now: () => number): Stores => ({
  definitions: new Definitions(journal),
  machines: new Machines(journal),
  executions: new Executions(journal),
  frames: new Frames(journal),
  history: new History(journal, now),
  tokens: new Tokens(journal),
});
