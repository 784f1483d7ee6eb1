import { setTimeout as delay } from "node:timers/promises";
import { createClient } from "../../shared/client/client.ts";
import type { Client } from "../../shared/client/operations.ts";
import type { Run } from "../../shared/model/schemas/run.ts";

/** A client of a local stack, signed in as a user. */
export const connect = async (url: string, user: string, workspace: string): Promise<Client> => {
  const response = await fetch(`${url}/local/token`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ user }),
  });
  const { accessToken } = (await response.json()) as { accessToken: string };
  return createClient({ url, workspace, token: async () => accessToken });
};

/** Polls until the run meets the condition. Throws after ten seconds. */
export const untilRun = async (api: Client, runId: string, wanted: (run: Run) => boolean): Promise<Run> => {
  const end = Date.now() + 10_000;
  for (;;) {
    const run = await api.getRun({ runId });
    if (wanted(run)) return run;
    if (Date.now() > end)
      throw new Error(`Run ${runId} is still ${run.status} at ${run.currentStep ?? "no step"}`);
    await delay(25);
  }
};
