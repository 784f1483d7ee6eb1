import { setTimeout as delay } from "node:timers/promises";
import { createClient } from "../../../shared/client/client.ts";
import type { Client as ApiClient } from "../../../shared/client/operations.ts";
import { allItems } from "../../../shared/client/pages.ts";
import type { Json, JsonObject } from "../../../shared/model/json/json.ts";
import { MAX_PAGE } from "../../../shared/model/limits.ts";
import type { Flow } from "../../../shared/model/schemas/flow.ts";
import type { AuditItem, Run, Step } from "../../../shared/model/schemas/run.ts";

/** An answer of the API with its parsed JSON body. */
export interface Answer<T = JsonObject> {
  readonly status: number;
  readonly headers: Headers;
  readonly body: T;
}

/** A caller of the public API over real HTTP: typed calls in `api`, raw requests for tests of the protocol itself. */
export class Client {
  readonly url: string;
  readonly workspace: string;
  readonly api: ApiClient;
  readonly #token: string | undefined;

  constructor(url: string, token: string | undefined, workspace = "demo") {
    this.url = url;
    this.workspace = workspace;
    this.#token = token;
    this.api = createClient({ url, workspace, token: async () => token });
  }

  /** Sends a raw request. A path that does not begin with `/v1` or `/local` is inside the workspace. */
  async call<T = JsonObject>(
    method: string,
    path: string,
    body?: unknown,
    headers: Record<string, string> = {},
  ): Promise<Answer<T>> {
    const target = /^\/(v1|local|healthz)/.test(path) ? path : `/v1/workspaces/${this.workspace}${path}`;
    const response = await fetch(this.url + target, {
      method,
      headers: {
        ...(this.#token === undefined ? {} : { authorization: `Bearer ${this.#token}` }),
        ...(body === undefined ? {} : { "content-type": "application/json" }),
        ...headers,
      },
      ...(body === undefined ? {} : { body: typeof body === "string" ? body : JSON.stringify(body) }),
    });
    const text = await response.text();
    return {
      status: response.status,
      headers: response.headers,
      body: (text === "" ? {} : JSON.parse(text)) as T,
    };
  }

  /** Sends a raw request, and throws unless the answer has one of the expected statuses. */
  async expect<T = JsonObject>(statuses: number[], method: string, path: string, body?: unknown): Promise<T> {
    const answer = await this.call<T>(method, path, body);
    if (!statuses.includes(answer.status)) {
      throw new Error(`${method} ${path} answered ${answer.status}: ${JSON.stringify(answer.body)}`);
    }
    return answer.body;
  }

  publish(flowId: string, definition: JsonObject, more: JsonObject = {}) {
    return this.api.publishFlow({ flowId, body: { definition, ...more } });
  }
  dispatch(flowId: string, payload: Json): Promise<Run> {
    return this.api.dispatchRun({ flowId, body: { payload } });
  }
  flows(): Promise<Flow[]> {
    return allItems((cursor) => this.api.listFlows({ query: { limit: MAX_PAGE, cursor } }));
  }
  run(runId: string): Promise<Run> {
    return this.api.getRun({ runId });
  }
  async steps(runId: string): Promise<Step[]> {
    const { items } = await this.api.listSteps({ runId, query: { limit: MAX_PAGE } });
    // Only inputs and outputs of more than 32 KiB are truncated in lists.
    return items as Step[];
  }
  async audit(runId: string): Promise<AuditItem[]> {
    return (await this.api.listRunAudit({ runId, query: { limit: MAX_PAGE } })).items;
  }
  act(runId: string, action: "pause" | "resume" | "cancel", body: JsonObject = {}): Promise<Answer> {
    return this.call("POST", `/runs/${runId}/${action}`, body);
  }
  advance(duration: string): Promise<JsonObject> {
    return this.expect([200], "POST", "/local/clock", { advanceBy: duration });
  }

  /** Polls until the run meets the condition; after `seconds` of real time, throws with the current run. */
  async until(runId: string, wanted: (run: Run) => boolean, seconds = 25): Promise<Run> {
    let run: Run | undefined;
    return eventually(
      async () => {
        run = await this.run(runId);
        return wanted(run) ? run : undefined;
      },
      seconds,
      () => `The run is not as expected: ${JSON.stringify(run)}`,
    );
  }
  untilStatus(runId: string, status: Run["status"], seconds = 25): Promise<Run> {
    return this.until(runId, (run) => run.status === status, seconds);
  }
}

/** Polls until `probe` returns a value; after `seconds` of real time, throws. */
export const eventually = async <T>(
  probe: () => T | undefined | Promise<T | undefined>,
  seconds = 25,
  failure = () => "The expected state was not reached in time",
): Promise<T> => {
  const end = Date.now() + seconds * 1000;
  for (;;) {
    const value = await probe();
    if (value !== undefined && value !== false) return value;
    if (Date.now() > end) throw new Error(failure());
    await delay(15);
  }
};

export const tokenFor = async (url: string, subject: JsonObject): Promise<string> => {
  const response = await fetch(`${url}/local/token`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(subject),
  });
  if (response.status !== 200) throw new Error(`No token: ${response.status} ${await response.text()}`);
  return ((await response.json()) as { accessToken: string }).accessToken;
};

export const clientFor = async (url: string, user: string, workspace?: string): Promise<Client> =>
  new Client(url, await tokenFor(url, { user }), workspace);
