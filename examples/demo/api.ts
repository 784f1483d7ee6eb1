import { setTimeout as delay } from "node:timers/promises";
import type { AuditItem, Run, Step } from "../../shared/model/schemas/run.ts";

/** The few calls that the demo makes, as any client of the API would make them. */
export interface Api {
  publish(flowId: string, definition: unknown): Promise<void>;
  dispatch(flowId: string, payload: unknown): Promise<Run>;
  run(runId: string): Promise<Run>;
  steps(runId: string): Promise<Step[]>;
  audit(runId: string): Promise<AuditItem[]>;
  /** pause, resume, cancel, replay, or an answer to a step. */
  act(path: string, body: unknown): Promise<Run>;
  /** Asks until the run is as wanted; throws after ten seconds. */
  until(runId: string, wanted: (run: Run) => boolean): Promise<Run>;
}

export const connect = async (url: string, user: string, workspace: string): Promise<Api> => {
  const send = async <T>(method: string, path: string, body?: unknown, token?: string): Promise<T> => {
    const response = await fetch(url + path, {
      method,
      headers: {
        "content-type": "application/json",
        ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const answer = (await response.json()) as T & { detail?: string };
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${answer.detail ?? ""}`);
    return answer;
  };
  const { accessToken } = await send<{ accessToken: string }>("POST", "/local/token", { user });
  const call = <T>(method: string, path: string, body?: unknown) =>
    send<T>(method, `/v1/workspaces/${workspace}${path}`, body, accessToken);
  const run = (runId: string) => call<Run>("GET", `/runs/${runId}`);
  return {
    publish: async (flowId, definition) => {
      await call("PUT", `/flows/${flowId}`, { definition });
    },
    dispatch: (flowId, payload) => call("POST", `/flows/${flowId}/runs`, { payload }),
    run,
    steps: async (runId) => (await call<{ items: Step[] }>("GET", `/runs/${runId}/steps`)).items,
    audit: async (runId) => (await call<{ items: AuditItem[] }>("GET", `/runs/${runId}/audit`)).items,
    act: (path, body) => call("POST", path, body),
    until: async (runId, wanted) => {
      const end = Date.now() + 10_000;
      for (;;) {
        const now = await run(runId);
        if (wanted(now)) return now;
        if (Date.now() > end)
          throw new Error(`Run ${runId} stays ${now.status} at ${now.currentStep ?? "no step"}`);
        await delay(25);
      }
    },
  };
};
