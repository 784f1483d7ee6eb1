import { afterAll, afterEach, beforeEach, expect } from "vitest";
import { taskEvent } from "../../../functions/middleware/task-schema.ts";
import { readSteps } from "../../../shared/domain/steps/read-steps.ts";
import type { Json, JsonObject } from "../../../shared/model/json/json.ts";
import type { ContinueEvent } from "../../../shared/model/machines/task-events.ts";
import { SETTINGS } from "../../../shared/model/settings.ts";
import type { RunItem } from "../../../shared/store/runs/run-item.ts";
import { EngineHarness, task } from "./engine-harness.ts";

/** Room for two rounds of `counting`. */
export const MARK = 50;

/** Chooses the state `Next` until `i` is `n`. */
export const until = (Next: string): JsonObject => ({
  Type: "Choice",
  Choices: [{ Variable: "$.i", NumericLessThanPath: "$.n", Next }],
  Default: "Done",
});

/** Counts `i` up to `n`. */
const counting: JsonObject = {
  StartAt: "Count",
  States: { Count: task("count", { Next: "Enough" }), Enough: until("Count"), Done: { Type: "Succeed" } },
};

export const upTo = (n: number): number[] => Array.from({ length: n }, (_, i) => i);

export const isPart = (name: string, event: Json, part: ContinueEvent["part"]): boolean =>
  name === "sluice-hand-over" && (event as JsonObject).part === part;

/** Runs of a flow that counts, on an engine where they continue as new after two rounds. */
export class LoopingRuns {
  readonly harness: EngineHarness;
  readonly flow: Awaited<ReturnType<EngineHarness["publish"]>>;
  /** The events that the functions of the flow got. */
  seen: Json[] = [];

  private constructor(harness: EngineHarness, flow: LoopingRuns["flow"]) {
    this.harness = harness;
    this.flow = flow;
  }

  static async start(): Promise<LoopingRuns> {
    const harness = await EngineHarness.start({ [SETTINGS.historyMark]: String(MARK) });
    const runs = new LoopingRuns(harness, await harness.publish(counting));
    harness.functions.set("note", (event) => {
      runs.seen.push(event);
      return event;
    });
    return runs;
  }

  count(event: Json): Json {
    this.seen.push(event);
    return { ...(event as JsonObject), i: (event as { i: number }).i + 1 };
  }

  begin(): void {
    this.seen = [];
    this.harness.functions.set("count", (event) => this.count(event));
  }

  async end(): Promise<void> {
    this.harness.beforeOwn = () => undefined;
    this.harness.fault = () => undefined;
    // A random sequence may have ended with a hold.
    await this.harness.setHolds(this.flow.flowId, this.flow.incarnation, {});
  }

  rounds(): number[] {
    return this.seen.map((event) => (event as { i: number }).i);
  }

  /** In one page, and the same in small ones. */
  async stepsOf({ workspace, runId }: RunItem) {
    const { items } = await readSteps(this.harness.deps, workspace, runId, { limit: 200 });
    const paged: typeof items = [];
    let after: string | undefined;
    do {
      const place = after === undefined ? {} : { after };
      const page = await readSteps(this.harness.deps, workspace, runId, { limit: 5, ...place });
      paged.push(...page.items);
      after = page.next;
    } while (after !== undefined);
    expect(paged).toEqual(items);
    return items;
  }

  /** Every status and step is as in a single execution: `n` rounds, each once. */
  async expectWhole(run: RunItem, n: number): Promise<void> {
    expect(this.rounds()).toEqual(upTo(n));
    expect(run).toMatchObject({ status: "completed" });
    const steps = await this.stepsOf(run);
    expect(steps.map(({ seq, name, status, input, output }) => [seq, name, status, input, output])).toEqual(
      upTo(n).map((i) => [i + 1, "Count", "completed", { i, n }, { i: i + 1, n }]),
    );
  }

  /** Does something once, when the run first continues as new and reaches this part. */
  atContinue(part: ContinueEvent["part"], work: (run: RunItem, event: Json) => unknown): void {
    let done = false;
    this.harness.beforeOwn = async (name, event) => {
      if (done || !isPart(name, event, part)) return;
      const { workspace, execution } = taskEvent("handOver", event);
      const run = await this.harness.run({ workspace, runId: execution.split(".")[0] ?? "" });
      if (part === "arrive" && run.continuedFrom === undefined) return;
      done = true;
      await work(run, event);
    };
  }
}

/** Starts the engine for the tests of a file. Each test ends without faults and holds. */
export const loopingRuns = async (): Promise<LoopingRuns> => {
  const runs = await LoopingRuns.start();
  beforeEach(() => runs.begin());
  afterEach(() => runs.end());
  afterAll(() => runs.harness.close());
  return runs;
};
