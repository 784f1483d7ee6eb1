import type { StepLogs } from "../../shared/model/schemas/run.ts";
import { visible } from "../terminal/style.ts";
import { localTime } from "../terminal/times.ts";

/** The attempts of a step, each with what it printed. */
export const logsText = ({ attempts }: StepLogs): string =>
  attempts.length === 0 ? "No call is recorded." : attempts.map(attemptText).join("\n\n");

const attemptText = (attempt: StepLogs["attempts"][number]): string => {
  const { lines, isCut, note, requestId } = attempt;
  const head = [
    `Attempt ${attempt.attempt}`,
    attempt.function,
    localTime(attempt.startedAt),
    endText(attempt),
    requestId === undefined ? undefined : `request ${requestId}`,
  ].filter((part) => part !== undefined);
  const output =
    lines.length === 0
      ? [`  ${note ?? "Nothing was printed."}`]
      : lines.map(({ at, text }) => `  ${at.slice(11, 23)}  ${visible(text)}`);
  return [head.join(" · "), ...(isCut ? ["  Only the end is kept:"] : []), ...output].join("\n");
};

const endText = ({ error, endedAt }: StepLogs["attempts"][number]): string => {
  if (error !== undefined) return visible(`${error.error}: ${error.message ?? error.cause}`);
  return endedAt === undefined ? "in progress" : "succeeded";
};
