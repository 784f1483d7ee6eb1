import type { HoldKind } from "../../../../../shared/model/holds/kinds.ts";
import type { Flow } from "../../../../../shared/model/schemas/flow.ts";
import type { NameOf } from "../../../api/people.ts";

export type Hold = Flow["holds"][number];

/** The caps that hold a flow, by their own kind of hold. */
export type HoldingCap = "throughput" | "spend" | "errors";

/** Returns the cap that placed the hold; undefined if none did. */
export const capOf = ({ kind }: { readonly kind: HoldKind }): HoldingCap | undefined =>
  kind === "throughput" || kind === "spend" || kind === "errors" ? kind : undefined;

/** Whether an incident placed the hold. Resolving the incident lifts it. */
export const isIncidents = ({ kind }: { readonly kind: HoldKind }): boolean => kind === "incident";

type Title = (flow: Flow, hold: Hold, nameOf: NameOf) => string;

const TITLES: Readonly<Record<HoldKind, Title>> = {
  manual: (_flow, { by, steps }, nameOf) =>
    `${steps === undefined ? "Paused" : `${steps.join(", ")} held`} by ${nameOf(by)}`,
  throughput: ({ caps }) =>
    caps.throughput
      ? `Throughput cap reached: ${caps.throughput.limit} per ${caps.throughput.per}`
      : "Throughput cap reached",
  spend: ({ caps, meters }) =>
    caps.spend
      ? `Spend cap reached: ${meters.spend?.used ?? caps.spend.limit} of ${caps.spend.limit} per ${caps.spend.period}`
      : "Spend cap reached",
  // The reason names the cap, or the limit of the ramp that placed the hold.
  errors: (_flow, { reason }) => reason ?? "Error cap reached: too many runs failed",
  // The reason is the title of the incident.
  incident: (_flow, { steps, reason }) =>
    `${steps === undefined ? "Held" : `${steps.join(", ")} held`} by an incident${reason === undefined ? "" : `: ${reason}`}`,
};

/** Says what holds the flow. */
export const holdTitle: Title = (flow, hold, nameOf) => {
  // A page that is open during a deployment may meet a kind of a newer service.
  const title: Title | undefined = TITLES[hold.kind];
  return title?.(flow, hold, nameOf) ?? `Held by ${hold.by} (${hold.kind})`;
};

/** Says what holds the flow, and the reason that a person gave. */
export const holdText: Title = (flow, hold, nameOf) => {
  const title = holdTitle(flow, hold, nameOf);
  return hold.reason === undefined || hold.kind !== "manual" ? title : `${title}: ${hold.reason}`;
};

/** Names the hold in a list of those that can be lifted. */
export const holdName = (hold: Hold): string => {
  const cap = capOf(hold);
  const steps = hold.steps === undefined ? "" : ` on ${hold.steps.join(", ")}`;
  if (isIncidents(hold)) return `Hold of an incident${steps}`;
  if (steps !== "") return `Hold${steps}`;
  if (cap !== undefined) return `Pause by the ${cap === "errors" ? "error" : cap} cap`;
  return hold.kind === "manual" ? "Manual pause" : `Hold of the kind ${hold.kind}`;
};
