import type { FlowItem } from "../../store/flows/flow-item.ts";
import type { FlowDependencies } from "../deps.ts";
import { compileVersion } from "./compile-version.ts";
import { type PublishRequest, planVersion, type VersionPlan } from "./plan-version.ts";
import { readPublishable } from "./publishable-flow.ts";

/** The changes that publishing would make. Each kind includes those after it. */
type PublishChange = "flow" | "version" | "activation" | "none";

export interface PublishPreview {
  /** The flow as it is, or as it would be created, without a version. */
  readonly flow: FlowItem;
  /** The version that would be published, or the one that already has the definition. */
  readonly version: number;
  readonly warnings: readonly string[];
  readonly change: PublishChange;
}

/** Returns what publishing would change, with the same refusals. Writes nothing. */
export const previewPublish = async (
  deps: FlowDependencies,
  request: PublishRequest,
): Promise<PublishPreview> => {
  const { flow, exists } = await readPublishable(deps, request);
  const plan = await planVersion(deps, flow, request);
  const { version } = plan.record;
  const { value, place } = request.definition;
  // Compiled even for an existing version, because the allow list may have changed.
  const { warnings } = compileVersion(deps.compileSettings(), flow, version, value, { place });
  return { flow, version, warnings, change: exists ? changeOf(plan, flow, request.activate) : "flow" };
};

const changeOf = ({ kind, record }: VersionPlan, flow: FlowItem, activate: boolean): PublishChange => {
  if (kind !== "finished") return "version";
  return activate && record.version > flow.version ? "activation" : "none";
};
