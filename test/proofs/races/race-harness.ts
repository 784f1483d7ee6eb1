import { vi } from "vitest";
import type { JsonObject } from "../../../shared/model/json/json.ts";
import type { Run } from "../../../shared/model/schemas/run.ts";
import type { Answer } from "../../harness/clients/client.ts";
import { eventually } from "../../harness/clients/client.ts";
import { tasks } from "../../harness/definitions.ts";
import { isPark, leftovers } from "../../harness/ledger/stored-items.ts";
import { type FlowKind, publishAs } from "../../harness/stack/flow-kinds.ts";
import { runOf, type TeamMachine } from "../../harness/stack/team-machine.ts";
import { ProofEnvironment } from "../harness/environment.ts";
import { violations } from "../harness/ledger/invariants.ts";
import { CallTraps } from "./call-traps.ts";

/** Runs with two steps, `one` and `two`, whose calls can be held. */
export class RaceHarness {
  readonly environment: ProofEnvironment;
  readonly traps: CallTraps;
  #flows = 0;
  #machine: TeamMachine | undefined;
  flowId = "";
  /** Whether flows are Sluice's own, or attached to machines on which others start the executions. */
  kind: FlowKind = "managed";

  static async start(kind: FlowKind = "managed"): Promise<RaceHarness> {
    // The deaths are injected, so what the handlers log about them is noise.
    vi.stubEnv("POWERTOOLS_LOG_LEVEL", "CRITICAL");
    const environment = await ProofEnvironment.start(["one", "two"]);
    const harness = new RaceHarness(environment);
    harness.kind = kind;
    return harness;
  }
  private constructor(environment: ProofEnvironment) {
    this.environment = environment;
    this.traps = new CallTraps(environment);
  }
  async close(): Promise<void> {
    this.#releaseFunctions();
    await this.environment.close();
    vi.unstubAllEnvs();
  }

  /** Publishes a flow and starts a run of it, which is inside `one`. */
  async inStepOne(more: JsonObject = {}): Promise<Run> {
    this.#flows += 1;
    this.flowId = `race-${this.#flows}`;
    this.#machine = undefined;
    await this.#publish({ ...tasks("one", "two"), ...more });
    return this.another();
  }
  /** Publishes the flow, or attaches it to a machine with that definition. */
  async #publish(definition: JsonObject): Promise<void> {
    this.#machine = await publishAs(this.kind, this.environment, this.flowId, definition);
  }
  /** Returns the runs of the flow. */
  async runs(): Promise<Run[]> {
    const path = `/runs?flowId=${this.flowId}`;
    return (await this.environment.admin.expect<{ items: Run[] }>([200], "GET", path)).items;
  }
  /** Attaches the flow to a new machine with that definition. */
  async attach(definition: JsonObject): Promise<TeamMachine> {
    this.kind = "attached";
    await this.#publish(definition);
    if (this.#machine === undefined) throw new Error("The flow is not attached");
    return this.#machine;
  }
  /** Starts a run: dispatches a record, or starts an execution as its team would. */
  async start(payload: JsonObject = { flow: this.flowId }): Promise<Run> {
    const { admin } = this.environment;
    if (this.#machine === undefined) return admin.dispatch(this.flowId, payload);
    return runOf(admin, await this.#machine.start(payload));
  }
  /** Starts another run of that flow, which is also inside `one`. */
  async another(): Promise<Run> {
    this.environment.functions.block("one");
    const before = this.calls("one");
    const run = await this.start();
    await eventually(() => this.calls("one") > before || undefined);
    return run;
  }

  /** Delivers an event to one of Sluice's functions, as the flow's machine calls it. */
  deliver(functionName: string, event: unknown): Promise<boolean> {
    const alias = this.kind === "managed" ? "" : ":ws-demo";
    return this.environment.invoke(`${functionName}${alias}`, event);
  }

  calls(name: string): number {
    return this.environment.functions.count(name);
  }
  act(run: Run, action: "pause" | "resume" | "cancel"): Promise<Answer> {
    return this.environment.admin.act(run.runId, action);
  }
  onFlow(action: "pause" | "resume", body: JsonObject = {}): Promise<Answer> {
    return this.environment.admin.call("POST", `/flows/${this.flowId}/${action}`, body);
  }
  now(run: Run): Promise<Run> {
    return this.environment.admin.run(run.runId);
  }
  /**
   * Waits until the run is parked and whoever parked it has ended. The API may say so before, as the history shows it, and the stack's
   * clock does not wait for calls that a busy computer delays.
   */
  async parked(run: Run): Promise<Run> {
    const parked = await this.environment.admin.until(run.runId, ({ parkedAt }) => parkedAt !== undefined);
    await eventually(async () => {
      const items = await leftovers(this.environment.url);
      const isStored = items.some((item) => isPark(item) && item["runId"] === run.runId);
      return (isStored && this.traps.running("sluice-park") === 0) || undefined;
    });
    await this.settled();
    return parked;
  }
  /** Waits until the run has no execution in progress. */
  async stopped(run: Run): Promise<void> {
    const name = (await this.now(run)).executionArn?.split(":").at(-1) ?? run.runId;
    await eventually(async () => {
      const { running } = await this.environment.ledger.read();
      return !running.some((one) => one.includes(name)) || undefined;
    });
  }
  until(run: Run, status: Run["status"]): Promise<Run> {
    return this.environment.admin.untilStatus(run.runId, status);
  }
  /** Returns the number of parks, queued records and intents as soon as it no longer falls. */
  async leftovers(): Promise<number> {
    const count = async () => (await leftovers(this.environment.url)).length;
    await eventually(async () => (await count()) === 0 || undefined).catch(() => undefined);
    return count();
  }
  /** Violations in the ledger after a test. Releases everything that a failed test still holds. */
  async violations(): Promise<string[]> {
    this.traps.clear();
    this.#releaseFunctions();
    await this.settled();
    const found = async () => violations(await this.environment.ledger.read(), this.environment.now());
    await eventually(async () => (await found()).length === 0 || undefined).catch(() => undefined);
    return found();
  }
  settled(): Promise<JsonObject> {
    return this.environment.admin.advance("PT0S");
  }
  #releaseFunctions(): void {
    for (const name of ["one", "two"]) this.environment.functions.release(name);
  }
}
