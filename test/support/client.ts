import { setTimeout as delay } from "node:timers/promises";
import type { Json, JsonObject } from "../../shared/model/json/json.ts";
import type { AuditItem, Run, Step } from "../../shared/model/schemas/run.ts";

/** An answer of the API. `body` is whatever JSON came. */
export interface Answer<T = JsonObject> {
  readonly status: number;
  readonly headers: Headers;
  readonly body: T;
}

/** A caller of the public API, over real HTTP. */
export class Client {
  readonly url: string;
  readonly workspace: string;
  readonly #token: string | undefined;

  constructor(url: string, token: string | undefined, workspace = "demo") {
    this.url = url;
    this.workspace = workspace;
    this.#token = token;
  }

  /** A path that begins with `/v1` or `/local` is taken as it is, any other is inside the workspace. */
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

  /** Throws unless the answer has one of the statuses expected. */
  async expect<T = JsonObject>(statuses: number[], method: string, path: string, body?: unknown): Promise<T> {
    const answer = await this.call<T>(method, path, body);
    if (!statuses.includes(answer.status)) {
      throw new Error(`${method} ${path} answered ${answer.status}: ${JSON.stringify(answer.body)}`);
    }
    return answer.body;
  }

  publish(flowId: string, definition: JsonObject, more: JsonObject = {}): Promise<JsonObject> {
    return this.expect([200, 201], "PUT", `/flows/${flowId}`, { definition, ...more });
  }
  async dispatch(flowId: string, payload: Json): Promise<Run> {
    return this.expect<Run>([202], "POST", `/flows/${flowId}/runs`, { payload });
  }
  run(runId: string): Promise<Run> {
    return this.expect<Run>([200], "GET", `/runs/${runId}`);
  }
  async steps(runId: string): Promise<Step[]> {
    return (await this.expect<{ items: Step[] }>([200], "GET", `/runs/${runId}/steps?limit=200`)).items;
  }
  async audit(runId: string): Promise<AuditItem[]> {
    return (await this.expect<{ items: AuditItem[] }>([200], "GET", `/runs/${runId}/audit?limit=200`)).items;
  }
  act(runId: string, action: "pause" | "resume" | "cancel", body: JsonObject = {}): Promise<Answer> {
    return this.call("POST", `/runs/${runId}/${action}`, body);
  }
  advance(duration: string): Promise<JsonObject> {
    return this.expect([200], "POST", "/local/clock", { advanceBy: duration });
  }

  /** Asks again until the run is as wanted; fails after `seconds` of real time and says how the run stands. */
  async until(runId: string, wanted: (run: Run) => boolean, seconds = 15): Promise<Run> {
    const end = Date.now() + seconds * 1000;
    for (;;) {
      const run = await this.run(runId);
      if (wanted(run)) return run;
      if (Date.now() > end) throw new Error(`The run did not get there: ${JSON.stringify(run)}`);
      await delay(15);
    }
  }
  untilStatus(runId: string, status: Run["status"], seconds = 15): Promise<Run> {
    return this.until(runId, (run) => run.status === status, seconds);
  }
}

/** Asks again until `probe` gives a value. For what no run's status shows. */
export const eventually = async <T>(
  probe: () => T | undefined | Promise<T | undefined>,
  seconds = 15,
): Promise<T> => {
  const end = Date.now() + seconds * 1000;
  for (;;) {
    const value = await probe();
    if (value !== undefined && value !== false) return value;
    if (Date.now() > end) throw new Error("It did not come about in time");
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
