import type { ResultOf } from "../../shared/client/operations.ts";
import type { Step } from "../../shared/model/schemas/run.ts";
import { jsonText } from "../terminal/style.ts";
import { type Column, fields } from "../terminal/table.ts";
import { localTime } from "../terminal/times.ts";

/** A step of a list, whose input and output may be cut. */
export type ListedStep = ResultOf<"listSteps">["items"][number];

const errorText = ({ error }: Pick<Step, "error">): string =>
  error === undefined ? "" : `${error.error}: ${error.cause}`;

export const stepText = (step: Step): string =>
  fields([
    ["step", `${step.name} (${step.type})`],
    ["status", step.status],
    ["error", errorText(step)],
    ["input", jsonText(step.input, 2)],
    ["output", step.output === undefined ? undefined : jsonText(step.output, 2)],
  ]);

export const stepColumns: Column<ListedStep>[] = [
  { title: "#", cell: (step) => String(step.seq) },
  { title: "STEP", cell: (step) => step.name },
  { title: "BRANCH", cell: (step) => step.branch ?? "" },
  { title: "TYPE", cell: (step) => step.type },
  { title: "STATUS", cell: (step) => step.status },
  { title: "STARTED", cell: (step) => localTime(step.startedAt) },
  { title: "ENDED", cell: (step) => localTime(step.endedAt) },
  { title: "ID", cell: (step) => step.stepId },
  { title: "ERROR", cell: errorText },
];
