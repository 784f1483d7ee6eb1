/**
 * Pauses a flow with so many runs under way, once for each number of the command line, and prints what the pause costs.
 *
 *     npm run bench:pause -- 5 5000
 */
import type { UsageReport } from "../../infra/local/usage.ts";
import { FlowClient } from "../support/flow-client.ts";
import { benchStack, sizesOr } from "./bench-stack.ts";

const FLOW = "bench";

for (const size of sizesOr(5, 5_000)) {
  const { admin, close } = await benchStack();
  try {
    const states = { Wait: { Type: "Wait", Seconds: 86_400, Next: "Done" }, Done: { Type: "Succeed" } };
    await admin.publish(FLOW, { StartAt: "Wait", States: states });
    const flow = new FlowClient(admin, FLOW);
    await flow.dispatchAll(Array.from({ length: size }, (_, i) => ({ i })));
    await flow.untilCensus({ waiting: size }, 1_200);
    await admin.expect([200], "DELETE", "/local/usage");
    const began = performance.now();
    const { status } = await flow.pause();
    const took = performance.now() - began;
    if (status !== 200) throw new Error(`The pause answered ${status}`);
    const { dynamodb, scheduler, stepFunctions } = await admin.expect<UsageReport>(
      [200],
      "GET",
      "/local/usage",
    );
    console.log(
      `${size} runs: ${took.toFixed(0)} ms; DynamoDB ${dynamodb.calls} calls, ${dynamodb.writeUnits} write units; ` +
        `Scheduler ${JSON.stringify(scheduler)}; Step Functions ${JSON.stringify(stepFunctions)}`,
    );
  } finally {
    await close();
  }
}
