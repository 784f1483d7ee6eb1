import type { ControlRequest } from "../../shared/domain/runs/control.ts";
import type { Caller } from "../../shared/domain/workspace/admit.ts";

/** What a control call asks, as the use cases take it. */
export const controlRequest = (
  request: {
    readonly params: { readonly workspace: string; readonly runId: string };
    readonly body?: { readonly reason?: string | undefined } | undefined;
    readonly ifMatch?: number;
  },
  { actor }: Caller,
): ControlRequest => {
  const { params, ifMatch } = request;
  const reason = request.body?.reason;
  return {
    workspace: params.workspace,
    runId: params.runId,
    actor,
    ...(reason === undefined || reason === "" ? {} : { reason }),
    ...(ifMatch === undefined ? {} : { ifMatch }),
  };
};
