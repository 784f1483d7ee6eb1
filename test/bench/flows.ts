import type { JsonObject } from "../../shared/model/json/json.ts";

const LAMBDA = "arn:aws:states:::lambda:invoke";

/** A flow of Lambda steps in sequence. `sluice` is the field `Sluice` of each. */
export const lambdaFlow = (steps: number, functionName: string, sluice?: JsonObject): JsonObject => {
  const name = (step: number) => `Step ${step}`;
  const states = Array.from({ length: steps }, (_, index) => {
    const step = index + 1;
    const task = {
      Type: "Task",
      Resource: LAMBDA,
      Parameters: { FunctionName: functionName, Payload: { step } },
      ResultPath: null,
      ...(sluice === undefined ? {} : { Sluice: sluice }),
      ...(step === steps ? { End: true } : { Next: name(step + 1) }),
    };
    return [name(step), task] as const;
  });
  return { StartAt: name(1), States: Object.fromEntries(states) };
};
