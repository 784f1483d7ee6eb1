import { setTimeout as delay } from "node:timers/promises";
import { ApiError, ignoring } from "../../shared/client/api-error.ts";
import { allItems } from "../../shared/client/pages.ts";
import type { Json, JsonObject } from "../../shared/model/json/json.ts";
import { MAX_PAGE } from "../../shared/model/limits.ts";
import type { Run } from "../../shared/model/schemas/run.ts";
import { isTerminal } from "../../shared/model/transitions.ts";
import { type Client, eventually } from "../harness/clients/client.ts";

export interface Pace {
  /** Seconds of the steps in which a run is paused: longer than a request takes. */
  readonly stepSeconds: number;
  /** Seconds after which something that should happen has failed to. */
  readonly patience: number;
}

/** The flows of one check, in a workspace that other people use too. Everything is found and deleted by their ids. */
export class Premises {
  readonly client: Client;
  readonly pace: Pace;
  readonly #prefix: string;
  readonly #flows: string[] = [];

  /** @param prefix of the ids of all flows; nothing else in the workspace may have it */
  constructor(client: Client, prefix: string, pace: Pace) {
    this.client = client;
    this.pace = pace;
    this.#prefix = prefix;
  }

  get api() {
    return this.client.api;
  }

  /** Reserves the id of a flow, which is deleted at the end. */
  flowId(name: string): string {
    const flowId = `${this.#prefix}-${name}`;
    if (!this.#flows.includes(flowId)) this.#flows.push(flowId);
    return flowId;
  }

  async publish(name: string, definition: JsonObject): Promise<string> {
    const flowId = this.flowId(name);
    await this.client.publish(flowId, definition, { description: "Made by npm run verify" });
    return flowId;
  }

  dispatch(flowId: string, payload: Json = {}): Promise<Run> {
    return this.client.dispatch(flowId, payload);
  }

  until(runId: string, wanted: (run: Run) => boolean): Promise<Run> {
    return this.client.until(runId, wanted, this.pace.patience);
  }

  untilStatus(runId: string, status: Run["status"]): Promise<Run> {
    return this.until(runId, (run) => run.status === status);
  }

  /** Polls until `probe` returns a value. */
  eventually<T>(what: string, probe: () => Promise<T | undefined>): Promise<T> {
    return eventually(probe, this.pace.patience, () => `${what}: not within ${this.pace.patience} s`);
  }

  /** Ends and deletes every run, and then every flow. */
  async cleanUp(): Promise<void> {
    for (const flowId of this.#flows) await this.#remove(flowId);
  }

  async #remove(flowId: string): Promise<void> {
    const end = Date.now() + 30_000;
    for (;;) {
      try {
        await this.#empty(flowId);
        await this.api.deleteFlow({ flowId, ifMatch: "any" });
        return;
      } catch (error) {
        if (error instanceof ApiError && error.code === "not_found") return;
        if (Date.now() > end) throw error;
        await delay(250); // a run may still be starting, and the lists lag
      }
    }
  }

  async #empty(flowId: string): Promise<void> {
    await ignoring(["action_not_allowed"], () => this.api.resumeFlow({ flowId, ifMatch: "any", body: {} }));
    const runs = await allItems((cursor) =>
      this.api.listRuns({ query: { flowId, limit: MAX_PAGE, cursor } }),
    );
    for (const { runId, status } of runs) {
      if (!isTerminal(status))
        await ignoring(["run_already_terminal", "not_found"], () =>
          this.api.cancelRun({ runId, ifMatch: "any", body: { reason: "npm run verify cleans up" } }),
        );
      await ignoring(["not_found"], () => this.api.deleteRun({ runId, ifMatch: "any" }));
    }
  }
}
