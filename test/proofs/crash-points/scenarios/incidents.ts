import { functions } from "../../../../infra/functions.ts";
import type { JsonObject } from "../../../../shared/model/json/json.ts";
import type { Flow } from "../../../../shared/model/schemas/flow.ts";
import type { Incident, IncidentSummary } from "../../../../shared/model/schemas/incident.ts";
import { SHAPES } from "../flows.ts";
import type { Prepared, Scenario } from "../scenario.ts";
import type { ScenarioContext } from "../scenario-context.ts";

interface Down {
  /** A word that only this scenario has. It is the incident's title. */
  readonly mark: string;
  readonly body: JsonObject;
  /** The flows that it names: one that looks for resources visits every flow of the workspace, those of all other scenarios too. */
  readonly flowIds: readonly string[];
}

interface IncidentPage {
  readonly items: readonly IncidentSummary[];
  readonly nextCursor?: string;
}

const down = async (context: ScenarioContext): Promise<Down> => {
  const mark = context.fresh();
  const flowIds = [await context.flow(SHAPES.busy), await context.flow(SHAPES.line)];
  return { mark, flowIds, body: { title: mark, flows: flowIds } };
};

const open = (context: ScenarioContext, { body }: Down): Promise<Incident> =>
  context.must<Incident>("POST", "/incidents", body);

const find = async (context: ScenarioContext, { mark }: Down): Promise<IncidentSummary | undefined> => {
  let cursor = "";
  for (;;) {
    // Each crash point opens an incident, so that there are several pages of them.
    const page = await context.must<IncidentPage>("GET", `/incidents?limit=200${cursor}`);
    const found = page.items.find(({ title }) => title === mark);
    if (found !== undefined || page.nextCursor === undefined) return found;
    cursor = `&cursor=${page.nextCursor}`;
  }
};

/** Violations of: every flow is held while the incident is open, and none once it is resolved, or if it was never opened. */
const wronglyHeld = async (context: ScenarioContext, about: Down): Promise<string[]> => {
  const incident = await find(context, about);
  const isOpen = incident?.status === "open";
  const wrong: string[] = [];
  for (const flowId of about.flowIds) {
    const { holds } = await context.must<Flow>("GET", `/flows/${flowId}`);
    const own = holds.filter(({ incidentId }) => incidentId !== undefined);
    if (own.length !== (isOpen ? 1 : 0))
      wrong.push(`${flowId} has ${own.length} holds, and its incident is ${incident?.status ?? "not there"}`);
  }
  if (incident?.progress !== undefined) wrong.push(`${about.mark}: its work never ends`);
  return wrong;
};

const resolve = async (context: ScenarioContext, about: Down): Promise<void> => {
  const incident = await find(context, about);
  if (incident?.status === "open")
    await context.call("POST", `/incidents/${incident.incidentId}/resolve`, {});
};

const inRequest = (
  name: string,
  route: string,
  prepare: (context: ScenarioContext, about: Down) => Promise<Pick<Prepared, "matches" | "act">>,
): Scenario => ({
  name,
  handler: "holds",
  route,
  prepare: async (context) => {
    const about = await down(context);
    return {
      ...(await prepare(context, about)),
      check: () => wronglyHeld(context, about),
      end: () => resolve(context, about),
    };
  },
});

/** A request about an incident that is open, with a run that will stand at one of its holds, and a queued record. */
const aboutOne = (name: string, path: string, body: JsonObject): Scenario =>
  inRequest(name, `POST /incidents/{incidentId}${path}`, async (context, about) => {
    const [flowId = ""] = about.flowIds;
    await context.untilBusy(flowId, await context.run(flowId));
    const { incidentId } = await open(context, about);
    await context.run(flowId);
    return {
      matches: (event) => event.includes(`/incidents/${incidentId}${path}"`),
      act: () => context.call("POST", `/incidents/${incidentId}${path}`, body),
    };
  });

/** A sweep that finds an incident whose work stopped at its first flow, which `lost` says how. */
const sweeping = (
  name: string,
  lose: (context: ScenarioContext, about: Down) => Promise<unknown>,
): Scenario => ({
  name: `sweep: ${name}`,
  handler: "sweep",
  stages: 1,
  prepare: async (context) => {
    const about = await down(context);
    await lose(context, about);
    const { incidentId = "" } = (await find(context, about)) ?? {};
    const token = context.fresh();
    const due = [incidentId, ...about.flowIds];
    return {
      matches: (event) => event.includes(token),
      stages: [async () => context.crashes.restore(...due)],
      sweeps: due,
      act: () => context.environment.invoke(functions.sweep.name, { token }),
      ignores: (call) => (call.input as { IndexName?: string }).IndexName === "due",
      check: () => wronglyHeld(context, about),
      end: () => resolve(context, about),
    };
  },
});

export const incidentScenarios: readonly Scenario[] = [
  inRequest("open an incident", "POST /incidents", async (context, about) => {
    const key = context.fresh();
    return {
      matches: (event) => event.includes(about.mark) && event.includes('/incidents"'),
      act: () => context.call("POST", "/incidents", about.body, key),
    };
  }),
  aboutOne("add a note to an incident", "/notes", { text: "They found the cause" }),
  aboutOne("resolve an incident", "/resolve", {}),
  aboutOne("resolve an incident with a canary and a ramp", "/resolve", { canary: 1, ramp: { from: 1 } }),
  {
    name: "activate a version of a flow that an incident holds",
    handler: "publish",
    route: "POST /flows/{flowId}/versions/{version}/activate",
    prepare: async (context) => {
      const about = await down(context);
      const [flowId = ""] = about.flowIds;
      await context.publish(flowId, SHAPES.busy, "2");
      await open(context, about);
      const path = `/flows/${flowId}/versions/1/activate`;
      return {
        matches: (event) => event.includes(`${path}"`),
        act: () => context.call("POST", path, {}),
        check: () => wronglyHeld(context, about),
        end: () => resolve(context, about),
      };
    },
  },
  sweeping("an incident whose holds were not placed", async (context, about) => {
    for (const flowId of about.flowIds) context.crashes.lose(functions.holds.name, flowId, "CreateSchedule");
    await open(context, about);
  }),
  sweeping("an incident whose holds were not lifted", async (context, about) => {
    const { incidentId } = await open(context, about);
    for (const flowId of about.flowIds)
      context.crashes.lose(functions.holds.name, flowId, "TransactWriteItems");
    await context.must("POST", `/incidents/${incidentId}/resolve`, {});
  }),
];
