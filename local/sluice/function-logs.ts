import type { FunctionLogs } from "../../shared/outbound/ports.ts";
import { ownLogs } from "../lambda/caller.ts";
import { callOf } from "../ports/services.ts";

/** The output of the user's functions, in place of CloudWatch Logs. The history does not say which invocation a call was; the stack knows. */
export const localFunctionLogs: FunctionLogs = {
  async read({ executionArn, startedId }) {
    const found = ownLogs(callOf(executionArn, startedId));
    if (found === undefined) return { lines: [], isCut: false };
    const { requestId, lines, isCut } = found;
    return { requestId, isCut, lines: lines.map(([at, text]) => ({ at, text })) };
  },
};
