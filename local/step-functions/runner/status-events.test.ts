import { expect, it } from "vitest";
import { Rig } from "../harness.ts";

const statuses = (rig: Rig) => rig.events.map((event) => event.detail["status"]);

it("tells the bus of a start and an end", async () => {
  const rig = new Rig();
  const startDate = rig.clock.now();
  const executionArn = await rig.start(
    { StartAt: "F", States: { F: { Type: "Fail", Error: "E", Cause: "c" } } },
    1,
  );
  expect(statuses(rig)).toEqual(["RUNNING", "FAILED"]);
  expect(rig.events[1]).toEqual({
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
  expect(rig.events[0]?.detail["stopDate"]).toBeNull();
});

it("tells of time-outs and aborts", async () => {
  const rig = new Rig();
  await rig.start({
    TimeoutSeconds: 5,
    StartAt: "W",
    States: { W: { Type: "Wait", Seconds: 60, End: true } },
  });
  await rig.clock.advance(5000);
  expect(statuses(rig)).toEqual(["RUNNING", "TIMED_OUT"]);
});

it("tries again what the bus did not take, in order", async () => {
  let refusals = 2;
  const rig = new Rig({
    publish: () => {
      refusals -= 1;
      if (refusals >= 0) throw new Error("down");
    },
  });
  await rig.start({ StartAt: "P", States: { P: { Type: "Pass", End: true } } });
  await rig.clock.advance(5000);
  expect(statuses(rig)).toEqual(["RUNNING", "SUCCEEDED"]);
});
