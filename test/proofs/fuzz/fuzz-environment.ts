import type { Json, JsonObject } from "../../../shared/model/json/json.ts";
import { Client, eventually, tokenFor } from "../../harness/clients/client.ts";
import { chain, task, tasks } from "../../harness/definitions.ts";
import { NOTHING } from "../../harness/requests/operation-calls.ts";
import { type TestStack, testStack } from "../../harness/stack/test-stack.ts";

/** Callers: each role, the platform's administrator, a program, a user without a workspace, and nobody. */
export const CALLERS = [
  "admin",
  "operator",
  "viewer",
  "member",
  "platform",
  "client",
  "somebody",
  "stranger",
] as const;
export type CallerName = (typeof CALLERS)[number];
const SCOPES = ["runs:dispatch", "runs:read", "runs:control", "flows:read", "flows:control", "flows:publish"];

const human = (resource: string, more: JsonObject = {}): JsonObject => ({
  Type: "Task",
  Resource: `arn:sluice:::${resource}`,
  Parameters: { Title: "Well?", ...more },
});
const FORM = {
  type: "object",
  properties: { n: { type: "number" } },
  required: ["n"],
  additionalProperties: false,
};
const FLOWS: Readonly<Record<string, JsonObject>> = {
  plain: tasks("work", "more"),
  slow: tasks("slow", "work"),
  failing: tasks("fails"),
  asking: chain({ ask: human("approval"), after: task("work") }),
  filling: chain({ fill: human("form", { Form: FORM, Assignees: ["member"] }), after: task("work") }),
  resting: chain({ rest: { Type: "Wait", Seconds: 86_400 }, after: task("work") }),
  held: tasks("work"),
};

/** Ids of existing resources, for requests that name one. */
export interface Names {
  readonly flowId: readonly string[];
  readonly runId: readonly string[];
  readonly userId: readonly string[];
  readonly viewId: readonly string[];
  readonly bulkId: readonly string[];
  readonly version: readonly string[];
  readonly cursor: readonly string[];
  /** A run with one of its steps. */
  readonly steps: readonly (readonly [runId: string, stepId: string])[];
}

/** A stack with resources in every status, which can be filled up again. */
export class FuzzEnvironment {
  readonly stack: TestStack;
  readonly #tokens: ReadonlyMap<CallerName, string>;
  #names: Names | undefined;

  private constructor(stack: TestStack, tokens: ReadonlyMap<CallerName, string>) {
    this.stack = stack;
    this.#tokens = tokens;
  }

  static async create(): Promise<FuzzEnvironment> {
    const stack = await testStack("work", "more", "slow", "fails");
    stack.functions.block("slow");
    stack.functions.fail("fails", "OutOfStock");
    const tokens = new Map<CallerName, string>();
    for (const caller of CALLERS.filter((name) => name !== "stranger")) {
      const subject = caller === "client" ? { client: "machine", scopes: SCOPES } : { user: caller };
      tokens.set(caller, await tokenFor(stack.url, subject));
    }
    const environment = new FuzzEnvironment(stack, tokens);
    await environment.fill();
    return environment;
  }

  get names(): Names {
    if (this.#names === undefined) throw new Error("The environment has not been filled");
    return this.#names;
  }

  token(caller: CallerName): string | undefined {
    return this.#tokens.get(caller);
  }

  /** Waits until nothing is being written, except by work that waits for the clock or a person. */
  async rest(): Promise<void> {
    let before = await this.writes();
    await eventually(async () => {
      await new Promise((resolve) => setTimeout(resolve, 40));
      const now = await this.writes();
      const still = now.total === before.total;
      before = now;
      return still ? true : undefined;
    }, 30);
  }

  /** Write units so far, all and those of the functions behind the API. */
  async writes(): Promise<{ total: number; background: number }> {
    const { dynamodb } = await this.stack.admin.expect<{ dynamodb: Usage }>([200], "GET", "/local/usage");
    const background = Object.entries(dynamodb.byFunction)
      .filter(([name]) => !API_FUNCTIONS.has(name))
      .reduce((sum, [, { writeUnits }]) => sum + writeUnits, 0);
    return { total: dynamodb.writeUnits, background };
  }

  /** Restores what requests removed: people, flows, and a run in each status. */
  async fill(): Promise<void> {
    const { admin, url } = this.stack;
    const platform = new Client(url, this.token("platform"));
    await platform.expect([200, 201], "PUT", "/v1/workspaces/demo", { admins: ["admin"] });
    for (const role of ["operator", "viewer", "member"])
      await admin.expect([200, 201], "PUT", `/members/${role}`, { role, permissions: ["refunds"] });
    for (const [flowId, definition] of Object.entries(FLOWS)) {
      await admin.call("PUT", `/flows/${flowId}/caps`, { throughput: null, spend: null });
      await admin.call("POST", `/flows/${flowId}/resume`, {});
      await admin.publish(flowId, definition, { activate: true });
    }
    await admin.publish("plain", tasks("more"), { activate: false });
    await admin.publish("draft", tasks("work"), { activate: false });
    await admin.call("POST", "/flows/held/pause", {});
    const runs = await this.#runs();
    // The admin's own views first, then those that somebody else may have shared under the name: an administrator may delete
    // such a view, but not change it.
    for (const view of ["mine", "ours", "mine", "ours"]) await admin.call("DELETE", `/views/${view}`);
    await admin.expect([200, 201], "PUT", "/views/mine", { name: "Mine", filter: { status: ["failed"] } });
    await admin.expect([200, 201], "PUT", "/views/ours", {
      name: "Ours",
      filter: { flowId: "plain" },
      shared: true,
    });
    const bulk = await admin.expect<{ bulkId: string }>([202], "POST", "/bulk-operations", {
      action: "cancel",
      runIds: [NOTHING],
    });
    const page = await admin.expect<{ nextCursor?: string }>([200], "GET", "/runs?limit=1");
    await this.rest();
    this.#names = {
      flowId: [...Object.keys(FLOWS), "draft"],
      runId: runs,
      userId: ["admin", "operator", "viewer", "member", "ann"],
      viewId: ["mine", "ours"],
      bulkId: [bulk.bulkId],
      version: ["1", "2"],
      cursor: page.nextCursor === undefined ? [] : [page.nextCursor],
      steps: await this.#steps(runs),
    };
  }

  async #runs(): Promise<string[]> {
    const { admin } = this.stack;
    const started = async (flowId: string, payload: Json = { n: 1 }): Promise<string> =>
      (await admin.dispatch(flowId, payload)).runId;
    const [done, failed, asking, filling, resting, queued, running, paused, parked, cancelled] =
      await Promise.all(
        ["plain", "failing", "asking", "filling", "resting", "held", "slow", "slow", "asking", "slow"].map(
          (flowId) => started(flowId),
        ),
      );
    const inStatus: [string | undefined, Parameters<Client["untilStatus"]>[1]][] = [
      [done, "completed"],
      [failed, "failed"],
      [asking, "waiting"],
      [filling, "waiting"],
      [resting, "waiting"],
      [queued, "pending"],
      [running, "running"],
      [paused, "running"],
      [cancelled, "running"],
    ];
    for (const [runId = "", status] of inStatus) await admin.untilStatus(runId, status, 30);
    await admin.act(paused ?? "", "pause");
    await admin.act(cancelled ?? "", "cancel");
    return [done, failed, asking, filling, resting, queued, running, paused, parked, cancelled].map(String);
  }

  async #steps(runs: readonly string[]): Promise<[string, string][]> {
    const lists = await Promise.all(
      runs.map(async (runId) =>
        (await this.stack.admin.steps(runId)).map(({ stepId }): [string, string] => [runId, stepId]),
      ),
    );
    return lists.flat();
  }

  close(): Promise<void> {
    this.stack.functions.release("slow");
    return this.stack.close();
  }
}

interface Usage {
  readonly writeUnits: number;
  readonly byFunction: Readonly<Record<string, { readonly writeUnits: number }>>;
}

const API_FUNCTIONS = new Set(
  ["openapi", "read", "publish", "dispatch", "control", "holds", "bulk", "admin"].map(
    (name) => `sluice-${name}`,
  ),
);
