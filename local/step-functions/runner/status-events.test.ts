import { expect, it } from "vitest";
import { Harness } from "../test-harness.ts";

const statuses = (harness: Harness) => harness.events.map((event) => event.detail["status"]);

it("publishes a start and an end to the bus", async () => {
  const harness = new Harness();
  const startDate = harness.clock.now();
  const executionArn = await harness.start(
    { StartAt: "F", States: { F: { Type: "Fail", Error: "E", Cause: "c" } } },
    1,
  );
  expect(statuses(harness)).toEqual(["RUNNING", "FAILED"]);
  expect(harness.events[1]).toEqual({
    source: "aws.states",
    "detail-type": "Step Functions Execution Status Change",
    time: new Date(startDate).toISOString(),
    resources: [executionArn],
    detail: {
      executionArn,
      stateMachineArn: "arn:aws:states:us-east-1:000000000000:stateMachine:flow",
      name: "run",
      status: "FAILED",
      startDate,
      stopDate: startDate,
      input: "1",
      inputDetails: { included: true },
      output: null,
      error: "E",
      cause: "c",
      redriveCount: 0,
    },
  });
  expect(harness.events[0]?.detail["stopDate"]).toBeNull();
});

it("publishes timeouts and aborts", async () => {
  const harness = new Harness();
  await harness.start({
    TimeoutSeconds: 5,
    StartAt: "W",
    States: { W: { Type: "Wait", Seconds: 60, End: true } },
  });
  await harness.clock.advance(5000);
  expect(statuses(harness)).toEqual(["RUNNING", "TIMED_OUT"]);
});

it("retries events that the bus rejected, in order", async () => {
  let refusals = 2;
  const harness = new Harness({
    publish: () => {
      refusals -= 1;
      if (refusals >= 0) throw new Error("down");
    },
  });
  await harness.start({ StartAt: "P", States: { P: { Type: "Pass", End: true } } });
  await harness.clock.advance(5000);
  expect(statuses(harness)).toEqual(["RUNNING", "SUCCEEDED"]);
});
