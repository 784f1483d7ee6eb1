import { setTimeout as delay } from "node:timers/promises";
import { ApiError, ignoring } from "../../../shared/client/api-error.ts";
import type { Client } from "../../../shared/client/operations.ts";
import type { JsonObject } from "../../../shared/model/json/json.ts";
import type { Run } from "../../../shared/model/schemas/run.ts";
import { isTerminal } from "../../../shared/model/transitions.ts";
import type { Deployment } from "../deployment.ts";
import { type Found, ok, problem } from "../finding.ts";
import { NOT_SIGNED_IN } from "./service.ts";

export interface OwnRunLimits {
  /** Duration of the first step in seconds. The run is paused during it. */
  readonly stepSeconds: number;
  /** Milliseconds after which the doctor reports that the run does not continue. */
  readonly patienceMs: number;
}
const LIMITS: OwnRunLimits = { stepSeconds: 5, patienceMs: 60_000 };
/** No network delays the local stack. */
const LOCAL_LIMITS: OwnRunLimits = { ...LIMITS, stepSeconds: 2 };

const POLL_MS = 250;

/**
 * Creates a flow, pauses, resumes and replays a run of it, and deletes everything. The flow needs no function: its first step waits inside
 * a Parallel, so that the run is running and can be paused. The run then parks at the gate of the second step.
 */
export const checkOwnRun =
  (given?: OwnRunLimits) =>
  async ({ api, isLocal }: Deployment): Promise<Found[]> => {
    if (api === undefined) return [NOT_SIGNED_IN];
    const limits = given ?? (isLocal ? LOCAL_LIMITS : LIMITS);
    const flowId = `doctor-${Math.random().toString(36).slice(2, 10)}`;
    const ownRun = new OwnRun(api.client, flowId, limits);
    let found: Found;
    try {
      found = await ownRun.examine();
    } catch (error) {
      if (!(error instanceof Stalled)) {
        await ownRun.cleanUp().catch(() => undefined);
        throw error;
      }
      found = problem(error.message, error.todo);
    }
    const left = await ownRun.cleanUp().catch((error: unknown) => String(error));
    return left === undefined
      ? [found]
      : [found, problem(`The flow ${flowId} could not be deleted: ${left}`, `sluice flows delete ${flowId}`)];
  };

/** The run does not behave as it should. */
class Stalled extends Error {
  readonly todo: string;
  constructor(message: string, todo: string) {
    super(message);
    this.todo = todo;
  }
}

const definition = (seconds: number): JsonObject => ({
  Comment: "Created by sluice doctor, which deletes it again",
  StartAt: "First",
  States: {
    First: {
      Type: "Parallel",
      Branches: [{ StartAt: "Rest", States: { Rest: { Type: "Wait", Seconds: seconds, End: true } } }],
      Next: "Second",
    },
    Second: { Type: "Wait", Seconds: 1, End: true },
  },
});

class OwnRun {
  readonly #api: Client;
  readonly #flowId: string;
  readonly #limits: OwnRunLimits;
  readonly #runs: string[] = [];

  constructor(api: Client, flowId: string, limits: OwnRunLimits) {
    this.#api = api;
    this.#flowId = flowId;
    this.#limits = limits;
  }

  async examine(): Promise<Found> {
    const flowId = this.#flowId;
    const began = Date.now();
    await this.#api.publishFlow({
      flowId,
      body: { name: "sluice doctor", definition: definition(this.#limits.stepSeconds) },
    });
    const { runId } = await this.#api.dispatchRun({ flowId, body: { payload: { madeBy: "sluice doctor" } } });
    this.#runs.push(runId);
    await this.#until(runId, ({ status }) => status === "running", "did not start", START);
    await this.#api.pauseRun({ runId, ifMatch: "any", body: { reason: "sluice doctor" } });
    await this.#until(runId, ({ parkedAt }) => parkedAt !== undefined, "did not stop at its next gate", PARK);
    await this.#api.resumeRun({ runId, ifMatch: "any", body: {} });
    await this.#completed(runId, "did not complete after its resume", WAKE);
    const { runId: again } = await this.#api.replayRun({ runId, body: {} });
    this.#runs.push(again);
    await this.#completed(again, "is a replay and did not complete", START);
    const seconds = Math.round((Date.now() - began) / 1_000);
    return ok(`A run was paused, resumed and replayed in ${seconds} s`);
  }

  async #completed(runId: string, complaint: string, todo: string): Promise<void> {
    const { status, error } = await this.#until(runId, (run) => isTerminal(run.status), complaint, todo);
    if (status !== "completed")
      throw new Stalled(`The run ${complaint}: it is ${status} (${error?.error ?? "no error"})`, todo);
  }

  async #until(runId: string, wanted: (run: Run) => boolean, complaint: string, todo: string): Promise<Run> {
    const end = Date.now() + this.#limits.patienceMs;
    for (;;) {
      const run = await this.#api.getRun({ runId });
      if (wanted(run)) return run;
      if (isTerminal(run.status))
        throw new Stalled(
          `The run ${complaint}: it is ${run.status} (${run.error?.error ?? "no error"})`,
          todo,
        );
      if (Date.now() > end) throw new Stalled(`The run ${complaint}: it is ${run.status}`, todo);
      await delay(POLL_MS);
    }
  }

  /** Returns what could not be deleted, and why. */
  async cleanUp(): Promise<string | undefined> {
    for (const runId of this.#runs) {
      await ignoring(["run_already_terminal"], () =>
        this.#api.cancelRun({ runId, ifMatch: "any", body: {} }),
      );
      await ignoring(["not_found"], () => this.#api.deleteRun({ runId, ifMatch: "any" }));
    }
    const end = Date.now() + this.#limits.patienceMs;
    for (;;) {
      try {
        await ignoring(["not_found"], () => this.#api.deleteFlow({ flowId: this.#flowId, ifMatch: "any" }));
        return undefined;
      } catch (error) {
        // An index may still list a run that was just deleted.
        if (!(error instanceof ApiError) || Date.now() > end) return String(error);
        await delay(POLL_MS);
      }
    }
  }
}

const START =
  "Read the logs of sluice-dispatch and sluice-gate, and check the account's StartExecution quota";
const PARK = "Read the logs of sluice-gate and sluice-park";
const WAKE = "Read the logs of sluice-control and sluice-gate: the park's token was not answered";
