import { allItems } from "../../../shared/client/pages.ts";
import { MAX_PAGE } from "../../../shared/model/limits.ts";
import type { Deployment } from "../deployment.ts";
import { type Found, ok, problem, unchecked } from "../finding.ts";

export const NOT_SIGNED_IN = unchecked("you are not signed in to the API", "sluice login --url …");

/** Whether the API answers, and whether it refuses a call without a token. */
export const checkApi = async ({ api }: Deployment): Promise<Found[]> => {
  if (api === undefined) return [NOT_SIGNED_IN];
  const health = await fetch(`${api.url}/healthz`);
  if (health.status !== 200)
    return [problem(`GET /healthz answers ${health.status}`, "Read the log of the API's functions")];
  const open = await fetch(`${api.url}/v1/workspaces/${api.workspace}/flows`);
  if (open.status !== 401)
    return [
      problem(
        `A call without a token answers ${open.status} instead of 401`,
        "Deploy sluice-api again: all routes except two need the authorizer",
      ),
    ];
  await api.client.listFlows({ query: { limit: 1 } });
  return [ok(`The API answers at ${api.url}, and only with a token`)];
};

/** Whether the machines of attached flows still have Sluice's gates. */
export const checkDrift = async ({ api }: Deployment): Promise<Found[]> => {
  if (api === undefined) return [NOT_SIGNED_IN];
  const flows = await allItems((cursor) => api.client.listFlows({ query: { limit: MAX_PAGE, cursor } }));
  const attached = flows.filter(({ kind }) => kind === "attached");
  const found: Found[] = [];
  for (const { flowId, stateMachineArn } of attached) {
    const { drift } = await api.client.getFlow({ flowId });
    if (drift === true)
      found.push(
        problem(
          `${stateMachineArn} no longer has the gates of ${flowId}: a pause would hold nothing`,
          `Attach it again: sluice adopt ${stateMachineArn} --flow ${flowId} --apply`,
        ),
      );
  }
  return found.length > 0 ? found : [ok(`${attached.length} attached flows have their gates`)];
};
