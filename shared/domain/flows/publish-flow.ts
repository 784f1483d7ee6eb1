import type { JsonObject } from "../../model/json/json.ts";
import { machineName } from "../../model/machines/machine-names.ts";
import type { FlowIdentity, FlowItem } from "../../store/flows/flow-item.ts";
import type { VersionItem } from "../../store/flows/versions.ts";
import type { FlowDependencies, PruneDependencies } from "../deps.ts";
import { retryOnConflict } from "../optimistic-write.ts";
import { tooManyPublishers } from "../refusals.ts";
import { activateVersion } from "./activate-version.ts";
import { type Compiled, compileVersion } from "./compile-version.ts";
import { type PublishRequest, planVersion } from "./plan-version.ts";
import { pruneVersions } from "./prune-versions.ts";
import { readPublishable } from "./publishable-flow.ts";
import { putOnFailure } from "./put-on-failure.ts";
import type { ReadDefinition } from "./read-definition.ts";

type PublishDependencies = FlowDependencies & PruneDependencies;

export interface Published {
  readonly flow: FlowItem;
  readonly version: number;
  readonly warnings: readonly string[];
  /** Whether the publication created the flow. */
  readonly first: boolean;
}

/**
 * Publishes a version. The order of calls is safe if the process dies between any two. Conditional puts create the flow,
 * without a version, and reserve the version's number, so no two publishers share one. The texts and the machine's version
 * follow. Then the version's ARN makes it usable, and finally the flow switches to it. A version that was not completed has no
 * ARN: nobody sees it, and publishing the same definition again continues it.
 */
export const publishFlow = async (deps: PublishDependencies, request: PublishRequest): Promise<Published> => {
  const compiler = compilerOf(deps, request.definition);
  return retryOnConflict(deps, () => tryPublish(deps, request, compiler), tooManyPublishers);
};

const tryPublish = async (
  deps: PublishDependencies,
  request: PublishRequest,
  compiler: Compiler,
): Promise<Published | "conflict"> => {
  const { flow, exists } = await readPublishable(deps, request);
  const plan = await planVersion(deps, flow, request);
  if (plan.kind === "finished") {
    await keepSource(deps, flow, plan.record.version, request);
    return settle(deps, request, flow, plan.record, false);
  }

  const { version } = plan.record;
  const record = { ...plan.record, ...compiler.check(flow, version) };
  if (!exists && !(await deps.flows.create(flow))) return "conflict";
  if (plan.kind === "new" && !(await deps.versions.reserve(flow, record))) return "conflict";
  await keepSource(deps, flow, version, request);
  const pruning = await pruneVersions(deps, flow, version);
  await deploy(deps, flow, version, request.definition.value, compiler.compile(flow, version));
  const published = await settle(deps, request, flow, record, plan.kind === "new" && version === 1);
  return { ...published, warnings: [...pruning, ...published.warnings] };
};

/**
 * Compiling is expensive: it is done once to check the definition, and again only if a concurrent publisher took the number.
 */
interface Compiler {
  /** Compiles the definition and returns what the version's item stores about it. Throws `invalid_definition`. */
  check(
    flow: FlowIdentity,
    version: number,
  ): Pick<VersionItem, "warnings" | "timeoutSeconds" | "requires" | "gated" | "index" | "expect">;
  compile(flow: FlowIdentity, version: number): Compiled;
}

const compilerOf = (deps: FlowDependencies, { value, place }: ReadDefinition): Compiler => {
  let last: { incarnation: string; version: number; compiled: Compiled } | undefined;
  const compile: Compiler["compile"] = (flow, version) => {
    if (last?.version === version && last.incarnation === flow.incarnation) return last.compiled;
    const compiled = compileVersion(deps.compileSettings(), flow, version, value, { place });
    last = { incarnation: flow.incarnation, version, compiled };
    return compiled;
  };
  let checked: Compiled | undefined;
  return {
    compile,
    check: (flow, version) => {
      checked ??= compile(flow, version);
      const { warnings, timeoutSeconds, requires, gated, index, expect } = checked;
      return {
        warnings,
        ...(timeoutSeconds === undefined ? {} : { timeoutSeconds }),
        ...(requires === undefined ? {} : { requires }),
        ...(gated === undefined ? {} : { gated }),
        ...(index === undefined ? {} : { index }),
        ...(expect === undefined ? {} : { expect }),
      };
    },
  };
};

/** The text may have changed even if the definition has not, in a comment or the order of its fields. */
const keepSource = async (
  deps: FlowDependencies,
  flow: FlowIdentity,
  version: number,
  { definition: { source } }: PublishRequest,
): Promise<void> => {
  if (source !== undefined) await deps.versions.putSource(flow, version, source);
};

const deploy = async (
  deps: FlowDependencies,
  flow: FlowIdentity,
  version: number,
  definition: JsonObject,
  { compiled }: Compiled,
): Promise<void> => {
  await deps.versions.putText(flow, version, "user", definition);
  await deps.versions.putText(flow, version, "compiled", compiled);
  const name = machineName(flow.workspace, flow.incarnation);
  const arn = await deps.machines.publish(name, JSON.stringify(compiled));
  await deps.versions.finish(flow, version, arn);
};

/** Activates the version, unless a later one is already active. */
const settle = async (
  deps: PublishDependencies,
  request: PublishRequest,
  flow: FlowIdentity,
  record: VersionItem,
  first: boolean,
): Promise<Published> => {
  const { name, description, activate, actor, onFailure } = request;
  const activated = await activateVersion(deps, {
    ...{ flow, actor, action: "publish", name, description },
    ...(activate ? { record } : {}),
  });
  // The setting is not part of the version. If the process dies before this, publishing the same again sets it.
  const { workspace, flowId, incarnation } = activated;
  const changed =
    onFailure === undefined
      ? activated
      : await putOnFailure(deps, { workspace, flowId, incarnation, actor, onFailure });
  return { flow: changed, version: record.version, warnings: record.warnings, first };
};
