import { within } from "../expressions.ts";
import { keys } from "../keys.ts";
import { TableStore } from "../table.ts";
import type { RunItem } from "./run-item.ts";
import type { StepItem } from "./step-item.ts";

type RunKey = Pick<RunItem, "workspace" | "runId">;
/** The attempt that is left, or the id of the request that sent the run elsewhere. */
type Point = number | string;

/** The point at which a run continues as new, or at which it was halted because the state failed. */
export interface ContinuationItem {
  /** The top-level state whose gate ended the old execution. */
  readonly state: string;
  /** The raw input of that state, as JSON text. */
  readonly input: string;
  /** Set for a state that failed in its branches or iterations. Starting it again calls the finished ones again. */
  readonly branches?: boolean;
  /** The step that the run leaves out, with JSON texts. `at`: ISO 8601. */
  readonly skipped?: {
    readonly name: string;
    readonly type: StepItem["type"];
    readonly input: string;
    readonly output: string;
    readonly at: string;
  };
}

/** State and variables that an execution passes to the next one when its run continues as new. `from`: the old attempt. */
export class ContinuationStore extends TableStore {
  async put({ workspace, runId }: RunKey, from: Point, run: ContinuationItem): Promise<void> {
    await this.table.put({ ...keys.continuation(workspace, runId, from), ...run });
  }

  async get({ workspace, runId }: RunKey, from: Point): Promise<ContinuationItem | undefined> {
    const item = await this.table.get(keys.continuation(workspace, runId, from));
    return item as ContinuationItem | undefined;
  }

  /** `value` is JSON text. */
  async putVariable(run: RunKey, from: Point, name: string, value: string): Promise<void> {
    await this.table.put({
      ...keys.continuationVariable(run.workspace, run.runId, from, name),
      name,
      value,
    });
  }

  async variable(run: RunKey, from: Point, name: string): Promise<string | undefined> {
    const key = keys.continuationVariable(run.workspace, run.runId, from, name);
    const value = (await this.table.get(key))?.["value"];
    return typeof value === "string" ? value : undefined;
  }

  async variables({ workspace, runId }: RunKey, from: Point): Promise<string[]> {
    const { PK, SK } = keys.continuationVariable(workspace, runId, from, "");
    const names: string[] = [];
    for await (const item of this.table.query({ key: within(PK, SK), keysOnly: true }))
      names.push(String(item["SK"]).slice(SK.length));
    return names;
  }

  /** Returns the variables, as JSON texts by name. */
  async valuesOf({ workspace, runId }: RunKey, from: Point): Promise<Map<string, string>> {
    const { PK, SK } = keys.continuationVariable(workspace, runId, from, "");
    const values = new Map<string, string>();
    for await (const item of this.table.query({ key: within(PK, SK) }))
      values.set(String(item["name"]), String(item["value"]));
    return values;
  }

  /** Deletes the attempt's state and variables once the next execution has read them. */
  async delete({ workspace, runId }: RunKey, from: Point): Promise<void> {
    const { PK, SK } = keys.continuation(workspace, runId, from);
    for await (const item of this.table.query({ key: within(PK, SK), keysOnly: true }))
      await this.table.delete({ PK: String(item["PK"]), SK: String(item["SK"]) });
  }
}
