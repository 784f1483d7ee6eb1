import { functions } from "../../../infra/functions.ts";
import type { JsonObject } from "../../../shared/model/json/json.ts";
import type { Bulk } from "../../../shared/model/schemas/bulk.ts";
import type { Flow } from "../../../shared/model/schemas/flow.ts";
import type { Run } from "../../../shared/model/schemas/run.ts";
import type { Slots } from "../../../shared/model/schemas/slots.ts";
import type { Trigger } from "../../../shared/model/schemas/trigger.ts";
import { BulkClient } from "../../harness/clients/bulk-client.ts";
import { type Answer, Client, tokenFor } from "../../harness/clients/client.ts";
import type { ProofEnvironment } from "../harness/environment.ts";
import { definitionOf, payloadOf, SHAPES, stateName } from "../harness/flow-shapes.ts";
import { stepCalls } from "../harness/ledger/step-calls.ts";
import { CANARY_MINUTES } from "./canary.ts";
import { type Action, BULK, FLOWS } from "./command.ts";
import type { CommandFaults } from "./command-faults.ts";
import { runAt, stepHoldAt, versionBack } from "./command-outcomes.ts";
import { FINISH_HOURS, HOUR_MS, normal } from "./progress.ts";
import { keyName, recordId } from "./run-outcomes.ts";
import { type FlowKind, liveRuns, type Model, type ModelRun } from "./state.ts";
import { TeamMachines } from "./team-machines.ts";
import { nextRecord } from "./trigger-outcomes.ts";

const TRIGGER = "hourly";
const TRIGGER_PATH = `/triggers/${TRIGGER}`;
/** Commands deliver the events. */
const NEVER = { schedule: "at(2200-01-01T00:00:00)" };

/** The key of a limit by the last digit of the record's id: even or odd. */
const LAST_DIGIT = "{% $string($number($substring($states.input.id, -1)) % 2) %}";

/** The API's view of the workspace at one moment. */
export interface Seen {
  readonly runs: readonly Run[];
  /** Undefined if they were not read. */
  readonly flows: readonly Flow[] | undefined;
  /** The triggers of each flow that has been given some. */
  readonly triggers: Readonly<Record<string, readonly Trigger[]>>;
  /** The slots of the flows that have a concurrency limit. */
  readonly slots: ReadonlyMap<string, Slots>;
  /** Number of calls of each step, as the users' functions recorded them. */
  readonly begun: ReadonlyMap<string, number>;
}

/** Performs the commands of one sequence through the API, in a workspace of its own. */
export class ApiDriver {
  readonly environment: ProofEnvironment;
  readonly faults: CommandFaults;
  readonly admin: Client;
  readonly bulks: BulkClient;
  /** The payload of each run, read once. */
  readonly #payloads = new Map<string, string>();
  readonly #teams: TeamMachines;
  #published = 0;
  /** The flows that were given triggers, each with the last event of its schedule. */
  readonly #fired = new Map<string, JsonObject | undefined>();

  private constructor(environment: ProofEnvironment, faults: CommandFaults, admin: Client) {
    this.environment = environment;
    this.faults = faults;
    this.admin = admin;
    this.bulks = new BulkClient(admin);
    this.#teams = new TeamMachines(environment.url, admin.workspace);
  }

  static async create(
    environment: ProofEnvironment,
    faults: CommandFaults,
    workspace: string,
  ): Promise<ApiDriver> {
    const platform = await environment.as("platform");
    await platform.expect([200, 201], "PUT", `/v1/workspaces/${workspace}`, { admins: ["admin"] });
    const token = await tokenFor(environment.url, { user: "admin" });
    return new ApiDriver(environment, faults, new Client(environment.url, token, workspace));
  }

  /** Makes the machine of a team's flow. */
  create(flowId: string, kind: FlowKind, shape: string): Promise<void> {
    return this.#teams.create(flowId, kind, shape);
  }

  close(): void {
    this.#teams.close();
  }

  /** Performs an action; undefined if it is not a request. */
  async perform(model: Model, action: Action): Promise<Answer | undefined> {
    const { admin, environment } = this;
    const flow = "flow" in action ? `/flows/${action.flow}` : "";
    const asked = "run" in action ? runAt(model, action.run) : undefined;
    const run = `/runs/${asked?.runId ?? "00000000-0000-7000-8000-000000000000"}`;
    switch (action.do) {
      case "publish": {
        this.#published += 1;
        const shape = SHAPES[action.shape];
        if (shape === undefined) throw new Error(`No shape ${action.shape}`);
        return admin.call("PUT", flow, { definition: definitionOf(shape, `text ${this.#published}`) });
      }
      case "activate": {
        const known = model.flows[action.flow];
        const version = known?.exists ? versionBack(known, action.back) : 1;
        return admin.call("POST", `${flow}/versions/${version}/activate`, {});
      }
      case "dispatch": {
        const key = action.key === undefined ? undefined : keyName(action.flow, action.key);
        const payload = payloadOf(recordId(`r${model.made + 1}`, key, action.body));
        return admin.call(
          "POST",
          `${flow}/runs`,
          { payload, ...(action.priority === undefined ? {} : { priority: action.priority }) },
          key === undefined ? {} : { "idempotency-key": key },
        );
      }
      case "batch": {
        const records = Array.from({ length: action.size }, (_, i) => ({
          payload: payloadOf(`r${model.made + 1 + i}`),
        }));
        return admin.call("POST", `${flow}/runs/batch`, { records });
      }
      case "pause flow": {
        const { mode, hours } = action;
        const resumeAt =
          hours === undefined
            ? {}
            : { resumeAt: new Date(environment.now() + hours * HOUR_MS).toISOString() };
        const finishWithin = mode === "finish" ? { finishWithin: `PT${FINISH_HOURS}H` } : {};
        return admin.call("POST", `${flow}/pause`, { mode, ...finishWithin, ...resumeAt });
      }
      case "plan pause": {
        const start = environment.now() + action.after * HOUR_MS;
        return admin.call("POST", `${flow}/pause`, {
          mode: action.mode,
          startAt: new Date(start).toISOString(),
          resumeAt: new Date(start + action.hours * HOUR_MS).toISOString(),
          ...(action.at === undefined ? {} : { steps: [stateName(action.at)] }),
        });
      }
      case "cancel plan":
        return admin.call("DELETE", `${flow}/scheduled-pause`);
      case "hold step": {
        const { at, hours } = action;
        const resumeAt =
          hours === undefined
            ? {}
            : { resumeAt: new Date(environment.now() + hours * HOUR_MS).toISOString() };
        return admin.call("POST", `${flow}/pause`, { steps: [stateName(at)], ...resumeAt });
      }
      case "lift step": {
        const known = model.flows[action.flow];
        const holdId = (known && stepHoldAt(known, action.nth)?.holdId) ?? "aaaaaaaaaaaaaaaa";
        return admin.call("POST", `${flow}/resume`, { holds: [holdId], drainRate: 50 });
      }
      case "resume flow": {
        const { rate: drainRate, holds, ramp, canary } = action;
        const which = holds === undefined ? {} : { holds };
        // Its runs do not matter: the resume that follows lifts all that it would, unless it has done so by itself.
        const begun = canary && (await admin.call("POST", `${flow}/resume`, { canary: 1, ...which }));
        const lifted = await admin.call("POST", `${flow}/resume`, {
          ...{ drainRate, ...which },
          ...(ramp === undefined ? {} : { ramp: { from: 1, factor: 100, every: "PT1S" } }),
        });
        return begun?.status === 200 && lifted.status === 409 ? begun : lifted;
      }
      case "send canary": {
        const { holds } = action;
        const within = { canary: 1, canaryWithin: `PT${CANARY_MINUTES}M`, drainRate: 50 };
        return admin.call("POST", `${flow}/resume`, { ...within, ...(holds === undefined ? {} : { holds }) });
      }
      case "cap": {
        const throughput = action.limit === null ? null : { limit: action.limit, per: "day" };
        return admin.call("PUT", `${flow}/caps`, { throughput });
      }
      case "cap errors":
        return admin.call("PUT", `${flow}/caps`, { errors: action.on ? { count: 1, per: "day" } : null });
      case "limit": {
        const { most, byDigit } = action;
        const concurrency = most === null ? null : { limit: most, ...(byDigit ? { key: LAST_DIGIT } : {}) };
        return admin.call("PUT", `${flow}/caps`, { concurrency });
      }
      case "hold failures":
        return admin.call("PUT", `${flow}/settings`, { onFailure: action.on ? "pause" : "fail" });
      case "delete flow":
        return admin.call("DELETE", flow);
      case "pause":
      case "resume":
      case "cancel": {
        const rev = action.match === "stale" ? (asked?.rev ?? 1) - 1 : asked?.rev;
        const headers: Record<string, string> =
          action.match === undefined || rev === undefined ? {} : { "if-match": `"${rev}"` };
        return admin.call("POST", `${run}/${action.do}`, {}, headers);
      }
      case "pause before":
        return admin.call("POST", `${run}/pause`, { before: stateName(action.at) });
      case "resume for steps":
        return admin.call("POST", `${run}/resume`, { steps: action.steps });
      case "resume elsewhere":
        return admin.call("POST", `${run}/resume`, {
          ...{ version: action.version, detach: true },
          ...(action.at === undefined ? {} : { at: stateName(action.at) }),
        });
      case "give up":
        return admin.call("POST", `${run}/resume`, { giveUp: true });
      case "delete run":
        return admin.call("DELETE", run);
      case "replay": {
        const from = typeof action.from === "number" ? stateName(action.from) : action.from;
        return admin.call("POST", `${run}/replay`, { from });
      }
      case "answer": {
        const step = asked?.stepId ?? "none";
        return admin.call("POST", `${run}/steps/${step}/complete`, { decision: action.decision });
      }
      case "put trigger": {
        const { whileHeld, enabled } = action;
        if (!this.#fired.has(action.flow)) this.#fired.set(action.flow, undefined);
        const payload = payloadOf(nextRecord(model));
        return admin.call("PUT", `${flow}${TRIGGER_PATH}`, { ...NEVER, payload, whileHeld, enabled });
      }
      case "delete trigger":
        return admin.call("DELETE", `${flow}${TRIGGER_PATH}`);
      case "fire":
        for (let time = 0; time < (action.again ? 1 : action.times); time += 1)
          await this.#fire(action.flow, action.again === true);
        return undefined;
      case "attach":
        return this.#teams.deploy(admin, action.flow, action.shape);
      case "detach":
        return admin.call("POST", `${flow}/detach`, {});
      case "start":
        await this.#teams.start(action.flow, payloadOf(`r${model.made + 1}`));
        return undefined;
      case "bulk": {
        const { action: what, flow: flowId, status } = action;
        const filter = { flowId, ...(status === undefined ? {} : { status: [status] }) };
        return admin.call("POST", "/bulk-operations", { ...BULK[what], filter });
      }
      case "block":
        environment.functions.block(action.fn);
        return undefined;
      case "release":
        environment.functions.release(action.fn);
        return undefined;
      case "break":
        environment.functions.fail(action.fn, "Oh");
        return undefined;
      case "mend":
        environment.functions.mend(action.fn);
        return undefined;
      case "move the clock":
        await admin.advance(action.by);
        return undefined;
      case "sweep":
        await environment.invoke("sluice-sweep", {});
        return undefined;
      case "redeliver": {
        const event = this.faults.event(action.nth);
        if (event !== undefined) await environment.invoke(event.calledName, event.event);
        return undefined;
      }
    }
  }

  /** Delivers an event of the trigger's schedule until the function has succeeded, as EventBridge Scheduler does. */
  async #fire(flow: string, again: boolean): Promise<void> {
    const { admin, environment } = this;
    if (!again) {
      const trigger = await environment.ledger.triggerEvent(flow, TRIGGER, admin.workspace);
      if (trigger === undefined) throw new Error(`The flow ${flow} has no trigger`);
      this.#fired.set(flow, { trigger: { ...trigger }, time: new Date(environment.now()).toISOString() });
    }
    for (let tries = 0; tries < 3; tries += 1)
      if (await environment.invoke(functions.intake.name, this.#fired.get(flow))) return;
  }

  async #triggers(): Promise<Seen["triggers"]> {
    const found = [...this.#fired.keys()].map(async (flow) => {
      const { body } = await this.admin.call<{ items?: Trigger[] }>("GET", `/flows/${flow}/triggers`);
      return [flow, body.items ?? []] as const;
    });
    return Object.fromEntries(await Promise.all(found));
  }

  /** Waits for the bulk operation to end. One whose answer was lost may have been accepted, and is waited for too. */
  async endOfBulk(answered: Answer | undefined): Promise<Bulk | undefined> {
    if (answered?.status === 202) return this.#endOf(String(answered.body["bulkId"]));
    const accepted = (answered?.status ?? 0) >= 500 ? await this.bulks.list() : [];
    for (const { bulkId, endedAt } of accepted) if (endedAt === undefined) await this.#endOf(bulkId);
    return undefined;
  }

  /** Advances the clock until the bulk operation has ended. */
  async #endOf(bulkId: string): Promise<Bulk> {
    for (let tries = 0; ; tries += 1) {
      const bulk = await this.bulks.now(bulkId);
      if (bulk.endedAt !== undefined || tries === 20) return bulk;
      await this.admin.advance("PT20S");
    }
  }

  async observe(withFlows: boolean): Promise<Seen> {
    // By flow: listing all runs would merge five times as many queries.
    const [runs, flows, triggers] = await Promise.all([
      Promise.all(FLOWS.map((flow) => this.bulks.runs({ flowId: flow }))),
      withFlows ? this.admin.flows() : undefined,
      withFlows ? this.#triggers() : {},
    ]);
    const slots = await this.#slots(flows ?? []);
    return { runs: runs.flat(), flows, triggers, slots, begun: this.#begun() };
  }

  async #slots(flows: readonly Flow[]): Promise<Map<string, Slots>> {
    const limited = flows.filter(({ caps }) => caps.concurrency != null).map(({ flowId }) => flowId);
    const read = limited.map(
      async (flowId): Promise<[string, Slots]> => [flowId, await this.admin.api.getSlots({ flowId })],
    );
    return new Map(await Promise.all(read));
  }

  #begun(): Map<string, number> {
    const steps = stepCalls(this.environment.functions);
    return new Map([...steps].map(([key, calls]) => [key, calls.length]));
  }

  /** Sets the ids of what is seen for the first time. A run is recognized by its payload, a hold on a part by that and its end. */
  async bind(model: Model, { runs, flows }: Seen): Promise<void> {
    for (const flow of flows ?? []) bindStepHolds(model, flow);
    const live = liveRuns(model);
    const known = new Set(live.map(({ runId }) => runId));
    for (const run of runs.toReversed()) {
      const ours = known.has(run.runId)
        ? live.find(({ runId }) => runId === run.runId)
        : await this.#modelRunOf(model, live, run);
      if (ours === undefined) continue;
      ours.runId = run.runId;
      ours.rev = run.rev;
      ours.createdAt = run.createdAt;
      if (run.waitingOn?.kind === "approval") ours.stepId = run.waitingOn.stepId;
    }
  }

  async #modelRunOf(model: Model, live: readonly ModelRun[], run: Run): Promise<ModelRun | undefined> {
    const given =
      this.#payloads.get(run.runId) ??
      JSON.stringify(normal((await this.admin.run(run.runId)).payload ?? null));
    this.#payloads.set(run.runId, given);
    return live.find(
      (ours) =>
        ours.runId === undefined &&
        ours.flowId === run.flowId &&
        (ours.replayOf === undefined ? undefined : model.runs[ours.replayOf]?.runId) === run.replayOf &&
        JSON.stringify(normal(ours.payload)) === given,
    );
  }
}

/** Of the holds on the same part, the one that ends first in the model is the one that ends first in the API. */
const bindStepHolds = (model: Model, { flowId, holds }: Flow): void => {
  const known = model.flows[flowId]?.stepHolds ?? [];
  for (const at of new Set(known.map((hold) => hold.at))) {
    const ours = known.filter((hold) => hold.at === at).sort((a, b) => a.until - b.until);
    const seen = holds
      .filter(({ steps }) => steps?.includes(stateName(at)) === true)
      .sort((a, b) => ((a.resumeAt ?? "") < (b.resumeAt ?? "") ? -1 : 1));
    for (const [index, hold] of ours.entries()) {
      const holdId = seen[index]?.holdId;
      if (holdId !== undefined) hold.holdId = holdId;
    }
  }
};
