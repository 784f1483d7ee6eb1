import { vi } from "vitest";
import type { JsonObject } from "../../../shared/model/json/json.ts";
import type { Run } from "../../../shared/model/schemas/run.ts";
import { tasks } from "../../harness/definitions.ts";
import { imbalances, readBooks } from "../../harness/ledger/ledger.ts";
import { leftovers } from "../../harness/ledger/stored-items.ts";
import type { Answer } from "../../support/client.ts";
import { eventually } from "../../support/client.ts";
import { ProofStack } from "../harness/proof-stack.ts";
import { Traps } from "./traps.ts";

/** A run of two steps, `one` and `two`, and calls that can be held. */
export class RaceHarness {
  readonly proof: ProofStack;
  readonly traps: Traps;
  #flows = 0;
  flowId = "";

  static async start(): Promise<RaceHarness> {
    // Deaths are ordered here: what the handlers log about them is no news.
    vi.stubEnv("POWERTOOLS_LOG_LEVEL", "CRITICAL");
    const proof = await ProofStack.start(["one", "two"]);
    return new RaceHarness(proof);
  }
  private constructor(proof: ProofStack) {
    this.proof = proof;
    this.traps = new Traps(proof);
  }
  async close(): Promise<void> {
    for (const name of ["one", "two"]) this.proof.functions.release(name);
    await this.proof.close();
    vi.unstubAllEnvs();
  }

  /** A flow of its own, and a run of it that stands in `one`. */
  async inStepOne(): Promise<Run> {
    this.#flows += 1;
    this.flowId = `race-${this.#flows}`;
    await this.proof.admin.publish(this.flowId, tasks("one", "two"));
    return this.another();
  }
  /** One more run of that flow, in `one` too. */
  async another(): Promise<Run> {
    this.proof.functions.block("one");
    const before = this.calls("one");
    const run = await this.proof.admin.dispatch(this.flowId, { flow: this.flowId });
    await eventually(() => this.calls("one") > before || undefined);
    return run;
  }

  calls(name: string): number {
    return this.proof.functions.count(name);
  }
  act(run: Run, action: "pause" | "resume" | "cancel"): Promise<Answer> {
    return this.proof.admin.act(run.runId, action);
  }
  onFlow(action: "pause" | "resume", body: JsonObject = {}): Promise<Answer> {
    return this.proof.admin.call("POST", `/flows/${this.flowId}/${action}`, body);
  }
  now(run: Run): Promise<Run> {
    return this.proof.admin.run(run.runId);
  }
  parked(run: Run): Promise<Run> {
    return this.proof.admin.until(run.runId, ({ parkedAt }) => parkedAt !== undefined);
  }
  until(run: Run, status: Run["status"]): Promise<Run> {
    return this.proof.admin.untilStatus(run.runId, status);
  }
  /** Parks, records in the queue and intents. */
  async left(): Promise<number> {
    return (await leftovers(this.proof.url)).length;
  }
  /** What is wrong in the books, whatever stands still. */
  async wrong(): Promise<string[]> {
    await this.settled();
    return imbalances(await readBooks(this.proof.url));
  }
  settled(): Promise<JsonObject> {
    return this.proof.admin.advance("PT0S");
  }
}
