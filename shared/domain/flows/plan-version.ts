import type { Actor } from "../../model/actor.ts";
import type { OnFailure } from "../../model/holds/kinds.ts";
import { contentHash } from "../../model/ids.ts";
import { iso } from "../../model/time/clock.ts";
import type { FlowItem } from "../../store/flows/flow-item.ts";
import type { VersionItem } from "../../store/flows/versions.ts";
import type { FlowDependencies } from "../deps.ts";
import type { ReadDefinition } from "./read-definition.ts";

/** Maximum number of versions to search for the newest finished one. Versions whose publication died are skipped. */
const LOOK_BACK = 20;

export interface PublishRequest {
  readonly workspace: string;
  readonly flowId: string;
  readonly actor: Actor;
  readonly definition: ReadDefinition;
  readonly name?: string | undefined;
  readonly description?: string | undefined;
  readonly runAs?: "user" | "system" | undefined;
  readonly onFailure?: OnFailure | undefined;
  readonly activate: boolean;
}

/** The way in which a definition is published. */
export type VersionPlan =
  /** The definition is already the newest version. */
  | { readonly kind: "finished"; readonly record: VersionItem }
  /** It is the newest version, but its machine does not exist yet: its publisher died, or is still working. */
  | { readonly kind: "unfinished"; readonly record: VersionItem }
  | { readonly kind: "new"; readonly record: VersionItem };

export const planVersion = async (
  deps: FlowDependencies,
  flow: FlowItem,
  request: PublishRequest,
): Promise<VersionPlan> => {
  const newest = await deps.versions.list(flow, LOOK_BACK);
  const finished = newest.find((record) => record.machineVersionArn !== undefined);
  const runAs = request.runAs ?? finished?.runAs ?? flow.runAs;
  const definitionHash = contentHash([request.definition.value, runAs]);
  const [latest] = newest;
  if (finished?.definitionHash === definitionHash) return { kind: "finished", record: finished };
  if (latest?.definitionHash === definitionHash) return { kind: "unfinished", record: latest };
  const record: VersionItem = {
    ...{ version: (latest?.version ?? 0) + 1, definitionHash, runAs, warnings: [] },
    ...{ createdAt: iso(deps.clock.now()), createdBy: request.actor.id },
  };
  return { kind: "new", record };
};
