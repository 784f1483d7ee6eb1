import { checkSource } from "../../shared/asl/check-source.ts";
import type { Client } from "../../shared/client/operations.ts";
import { EXIT } from "../failure.ts";
import type { FlowFile } from "./flow-files.ts";
import { type FlowResult, refusedResult } from "./flow-result.ts";

/** Compiles flows without a service. */
export const checkOffline = (flows: readonly FlowFile[], allow: readonly string[]): readonly FlowResult[] =>
  flows.map(({ flowId, file, text, substitutions }) => {
    const check = checkSource({ text, substitutions, allow });
    if (!check.ok) return { flowId, file, warnings: [], errors: check.errors, exitCode: EXIT.invalid };
    const open = check.open.map(
      (name) =>
        `\${${name}} has no value. Before publishing, give one with --set ${name}=… or in the substitutions file.`,
    );
    return { flowId, file, warnings: [...check.warnings, ...open], errors: [], exitCode: EXIT.ok };
  });

/** Asks the service what publishing would change. Nothing is written. */
export const checkWithService = (
  api: Client,
  flows: readonly FlowFile[],
  activate: boolean,
): Promise<readonly FlowResult[]> => forEachFlow(api, flows, { activate, dryRun: true });

/** Publishes flows, one after another. A refusal of one does not stop the others. */
export const publishAll = (
  api: Client,
  flows: readonly FlowFile[],
  activate: boolean,
): Promise<readonly FlowResult[]> => forEachFlow(api, flows, { activate, dryRun: false });

const forEachFlow = async (
  api: Client,
  flows: readonly FlowFile[],
  options: { readonly activate: boolean; readonly dryRun: boolean },
): Promise<readonly FlowResult[]> => {
  const results: FlowResult[] = [];
  for (const flow of flows) {
    const { flowId, file, text, substitutions } = flow;
    const body = { definition: text, substitutions: { ...substitutions }, ...options };
    results.push(
      await api.publishFlow({ flowId, body }).then(
        ({ flow: { version: active }, version, warnings, change }) => ({
          ...{ flowId, file, version, warnings, errors: [], exitCode: EXIT.ok },
          active: active === version,
          ...(change === undefined ? {} : { change }),
        }),
        (error: unknown) => refusedResult(flow, error),
      ),
    );
  }
  return results;
};
