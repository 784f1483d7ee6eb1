import type { FlowItem } from "../../../../shared/store/flows/flow-item.ts";
import type { IncidentItem, PlacementItem } from "../../../../shared/store/flows/incidents.ts";
import type { Item, Ledger } from "../../harness/ledger/ledger.ts";

/** Holds a flow as a whole, or its second step alone. */
export const WHOLE = (flowId: string) => ({ title: "The provider is down", flows: [flowId] });
export const OF_STEP_TWO = { title: "The provider is down", resources: ["two"] };

/** The id of an incident, of an open one if there is any. */
export const someIncident = ({ items }: Ledger): string | undefined => {
  const incidents = items.filter(({ SK }) => SK === "INCIDENT") as unknown as readonly IncidentItem[];
  return (incidents.find(({ status }) => status === "open") ?? incidents[0])?.incidentId;
};

/** Violations of what an incident promises: a resolved one holds nothing, and an open one holds what it says that it holds. */
export const incidentViolations = ({ items }: Ledger): string[] => {
  const flows = items.filter(({ SK }) => SK === "FLOW") as unknown as readonly FlowItem[];
  const incidents = items.filter(({ SK }) => SK === "INCIDENT") as unknown as readonly (IncidentItem &
    Item)[];
  return incidents.flatMap(({ PK, incidentId, status }) => {
    const holding = flows.filter((flow) => holdOf(flow, incidentId) !== undefined);
    if (status === "resolved") return holding.map(({ flowId }) => `${flowId} is held by a resolved incident`);
    const placements = items.filter((item) => item.PK === PK && item["state"] === "held");
    return (placements as unknown as readonly PlacementItem[]).flatMap(({ flowId, incarnation }) => {
      const flow = flows.find((one) => one.flowId === flowId && one.incarnation === incarnation);
      return flow === undefined || flow.deleting === true || holdOf(flow, incidentId) !== undefined
        ? []
        : [`an open incident says that it holds ${flowId}, and does not`];
    });
  });
};

const holdOf = ({ holds, partialHolds = {} }: FlowItem, incidentId: string) =>
  holds.incident?.incidentId === incidentId
    ? holds.incident
    : Object.values(partialHolds).find((hold) => hold.incidentId === incidentId);
