import type { LocalStackOptions } from "./stack/composition.ts";
import { buildStack, type LocalStack } from "./stack/stack.ts";

/** Starts the local stack with Sluice on 127.0.0.1. Resolves when it is ready. */
export async function startLocalStack(options: LocalStackOptions): Promise<LocalStack> {
  const { compose } = await import("./sluice/compose.ts");
  return buildStack(options, compose(undefined, options.allow, options.attachable));
}

export type { LocalStackOptions } from "./stack/composition.ts";
