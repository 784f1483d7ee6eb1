import type { LocalStackOptions } from "./composition.ts";
import { buildStack, type LocalStack } from "./stack.ts";

/** Starts the whole local stack on 127.0.0.1. Resolves when every call works. */
export async function startLocalStack(options: LocalStackOptions): Promise<LocalStack> {
  const { compose } = await import("./compose.ts");
  return buildStack(options, compose());
}

export type { LocalStackOptions } from "./composition.ts";
