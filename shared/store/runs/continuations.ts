import { within } from "../expressions.ts";
import { keys } from "../keys.ts";
import { TableStore } from "../table.ts";
import type { RunItem } from "./run-item.ts";

type RunKey = Pick<RunItem, "workspace" | "runId">;

/** The point at which a run continues as new, or at which it was halted because the state failed. */
export interface ContinuationItem {
  /** The top-level state whose gate ended the old execution. */
  readonly state: string;
  /** The raw input of that state, as JSON text. */
  readonly input: string;
  /** Set for a state that failed in its branches or iterations. Starting it again calls the finished ones again. */
  readonly branches?: boolean;
}

/** State and variables that an execution passes to the next one when its run continues as new. `from`: the old attempt. */
export class ContinuationStore extends TableStore {
  async put({ workspace, runId }: RunKey, from: number, run: ContinuationItem): Promise<void> {
    await this.table.put({ ...keys.continuation(workspace, runId, from), ...run });
  }

  async get({ workspace, runId }: RunKey, from: number): Promise<ContinuationItem | undefined> {
    const item = await this.table.get(keys.continuation(workspace, runId, from));
    return item as ContinuationItem | undefined;
  }

  /** `value` is JSON text. */
  async putVariable(run: RunKey, from: number, name: string, value: string): Promise<void> {
    await this.table.put({
      ...keys.continuationVariable(run.workspace, run.runId, from, name),
      name,
      value,
    });
  }

  async variable(run: RunKey, from: number, name: string): Promise<string | undefined> {
    const key = keys.continuationVariable(run.workspace, run.runId, from, name);
    const value = (await this.table.get(key))?.["value"];
    return typeof value === "string" ? value : undefined;
  }

  async variables({ workspace, runId }: RunKey, from: number): Promise<string[]> {
    const { PK, SK } = keys.continuationVariable(workspace, runId, from, "");
    const names: string[] = [];
    for await (const item of this.table.query({ key: within(PK, SK), keysOnly: true }))
      names.push(String(item["SK"]).slice(SK.length));
    return names;
  }

  /** Deletes the attempt's state and variables once the next execution has read them. */
  async delete({ workspace, runId }: RunKey, from: number): Promise<void> {
    const { PK, SK } = keys.continuation(workspace, runId, from);
    for await (const item of this.table.query({ key: within(PK, SK), keysOnly: true }))
      await this.table.delete({ PK: String(item["PK"]), SK: String(item["SK"]) });
  }
}
