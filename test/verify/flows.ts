import type { JsonObject } from "../../shared/model/json/json.ts";
import { chain } from "../harness/definitions.ts";

/** Flows that need no function, so that they run in every account. */

/** A step during which the run is `running`: a top-level Wait would make it `waiting`, which cannot be paused. */
const busy = (seconds: number): JsonObject => ({
  Type: "Parallel",
  Branches: [chain({ Doze: { Type: "Wait", Seconds: seconds } })],
  ResultPath: "$.busy",
});
const BRIEF: JsonObject = { Type: "Wait", Seconds: 1 };

/** Steps First, Second and Last; the run can be paused in First, and then stops at the gate of Second. */
export const threeSteps = (seconds: number): JsonObject =>
  chain({ First: busy(seconds), Second: BRIEF, Last: BRIEF });

/** Ends at once, with its payload and `greeting`. */
export const GREETING = chain({ Greet: { Type: "Pass", Result: "hello", ResultPath: "$.greeting" } });

export const FAILING: JsonObject = {
  StartAt: "Look",
  States: {
    Look: { ...BRIEF, Next: "Refuse" },
    Refuse: { Type: "Fail", Error: "Verify.Refused", Cause: "It was told to" },
  },
};

/** Waits for a person, whose rejection it catches. */
export const APPROVAL: JsonObject = {
  StartAt: "Approve",
  States: {
    Approve: {
      Type: "Task",
      Resource: "arn:sluice:::approval",
      Parameters: { "Title.$": "States.Format('Order {}?', $.order)" },
      ResultPath: "$.approval",
      Catch: [{ ErrorEquals: ["Sluice.Rejected"], ResultPath: "$.rejection", Next: "Rejected" }],
      Next: "Approved",
    },
    Approved: { Type: "Succeed" },
    Rejected: { Type: "Pass", Result: true, ResultPath: "$.rejected", End: true },
  },
};

export const FORM = chain({
  Count: {
    Type: "Task",
    Resource: "arn:sluice:::form",
    Parameters: {
      Title: "How many?",
      Form: { type: "object", required: ["pieces"], properties: { pieces: { type: "integer" } } },
    },
    ResultPath: "$.form",
  },
});

/** Waits for a day. */
export const WAITING = chain({ Doze: { Type: "Wait", Seconds: 86_400 } });
