import { isAllowSet } from "../../shared/model/allow-sets.ts";
import type { CorpusFlow } from "./file/corpus-flow.ts";
import { startCorpusStack } from "./run/corpus-stack.ts";
import { publish } from "./run/publish.ts";

/** The effect of the default allow list on the flows. */
export interface DeployDefault {
  readonly published: number;
  /** The number of flows that are refused for each set. */
  readonly sets: ReadonlyMap<string, number>;
  /** Refusals that do not name a set that permits the flow, by flow. */
  readonly unnamed: ReadonlyMap<string, readonly string[]>;
}

/** Publishes the flows without an allow list, and reads from the refusals which sets would permit them. */
export async function publishByDefault(flows: readonly CorpusFlow[]): Promise<DeployDefault> {
  const sets = new Map<string, number>();
  const unnamed = new Map<string, readonly string[]>();
  let published = 0;
  const stack = await startCorpusStack([]);
  try {
    for (const [index, flow] of flows.entries()) {
      const refusal = await publish(stack.admin, `flow-${index}`, flow);
      if (refusal === undefined) published += 1;
      else {
        const openers = refusal.messages.map(openersIn);
        const silent = refusal.messages.filter((_, at) => openers[at]?.length === 0);
        if (silent.length > 0) unnamed.set(flow.id, silent);
        for (const name of new Set(openers.flat())) sets.set(name, (sets.get(name) ?? 0) + 1);
      }
    }
  } finally {
    await stack.close();
  }
  return { published, sets, unnamed };
}

/** The sets and entries that a refusal names. */
const openersIn = (message: string): string[] => {
  const [, list = ""] = /(?:The set|the entry) (.*) in the deployment's allow list/.exec(message) ?? [];
  return [...list.matchAll(/"([^"]+)"/g)]
    .map(([, name = ""]) => name)
    .filter((name) => isAllowSet(name) || name.startsWith("arn:"));
};
