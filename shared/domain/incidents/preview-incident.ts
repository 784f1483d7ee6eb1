import type { OpenIncident } from "../../model/api/incident-operations.ts";
import type { IncidentPreview } from "../../model/schemas/incident.ts";
import { forEachConcurrent } from "../concurrency.ts";
import type { IncidentDependencies } from "../deps.ts";
import { refuseUnknown } from "./change-incident.ts";
import { matchFlow, shownOf } from "./match-flow.ts";
import { targets } from "./work.ts";

/** Flows that are read at once, and the time for looking at them: below that of a request. */
const BATCH = 50;
const CONCURRENCY = 10;
const READ_MS = 15_000;

/**
 * Returns the flows and states that such an incident would hold, by the ids of the flows, and writes nothing. The runs of older versions are
 * found by an index, which may lag. Throws `invalid_request` for flows that do not exist.
 */
export const previewIncident = async (
  deps: IncidentDependencies,
  asked: Pick<OpenIncident, "flows" | "resources" | "all"> & { readonly workspace: string },
): Promise<IncidentPreview> => {
  const { workspace, flows } = asked;
  if (flows !== undefined) await refuseUnknown(deps, workspace, flows);
  const until = deps.clock.now() + READ_MS;
  const ids = [...new Set(await targets(deps, asked))];
  const holds: IncidentPreview["holds"] = [];
  for (let at = 0; at < ids.length; at += BATCH) {
    if (at > 0 && deps.clock.now() >= until) return { holds: sorted(holds), more: true };
    const found = await deps.flows.readMany(workspace, ids.slice(at, at + BATCH));
    const standing = found.filter(({ deleting }) => deleting !== true);
    await forEachConcurrent(standing, { concurrency: CONCURRENCY }, async (flow) => {
      const match = await matchFlow(deps, asked, flow);
      if (match === undefined) return;
      const { steps, unheld } = shownOf(match);
      holds.push({
        flowId: flow.flowId,
        ...(steps && { steps: [...steps] }),
        ...(unheld && { unheld: [...unheld] }),
      });
    });
  }
  return { holds: sorted(holds) };
};

const sorted = (holds: IncidentPreview["holds"]): IncidentPreview["holds"] =>
  holds.sort((a, b) => (a.flowId < b.flowId ? -1 : 1));
