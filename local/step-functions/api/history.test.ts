import { expect, it } from "vitest";
import { Harness, lambdaArn, WAITING_TASK } from "../test-harness.ts";

it("records a service task with a token as the service does", async () => {
  const harness = new Harness({ functions: { ask: () => null } });
  const executionArn = await harness.start({
    StartAt: "Ask",
    States: { Ask: { ...WAITING_TASK, TimeoutSeconds: 600, HeartbeatSeconds: 60 } },
  });
  const token = harness.token();
  await harness.call("SendTaskSuccess", { taskToken: token, output: '"yes"' });
  await harness.clock.settled();
  const at = harness.clock.now() / 1000;
  const about = { resource: "invoke.waitForTaskToken", resourceType: "lambda" };
  const whole = { truncated: false };
  expect(await harness.history(executionArn)).toEqual([
    {
      id: 1,
      previousEventId: 0,
      timestamp: at,
      type: "ExecutionStarted",
      executionStartedEventDetails: {
        input: "{}",
        inputDetails: whole,
        roleArn: "arn:aws:iam::000000000000:role/flow",
      },
    },
    {
      id: 2,
      previousEventId: 0,
      timestamp: at,
      type: "TaskStateEntered",
      stateEnteredEventDetails: { name: "Ask", input: "{}", inputDetails: whole },
    },
    {
      id: 3,
      previousEventId: 2,
      timestamp: at,
      type: "TaskScheduled",
      taskScheduledEventDetails: {
        ...about,
        region: "us-east-1",
        parameters: JSON.stringify({ FunctionName: "ask", Payload: { token } }),
        timeoutInSeconds: 600,
        heartbeatInSeconds: 60,
      },
    },
    { id: 4, previousEventId: 3, timestamp: at, type: "TaskStarted", taskStartedEventDetails: about },
    {
      id: 5,
      previousEventId: 4,
      timestamp: at,
      type: "TaskSubmitted",
      taskSubmittedEventDetails: { ...about, output: expect.any(String), outputDetails: whole },
    },
    {
      id: 6,
      previousEventId: 5,
      timestamp: at,
      type: "TaskSucceeded",
      taskSucceededEventDetails: { ...about, output: '"yes"', outputDetails: whole },
    },
    {
      id: 7,
      previousEventId: 6,
      timestamp: at,
      type: "TaskStateExited",
      stateExitedEventDetails: { name: "Ask", output: '"yes"', outputDetails: whole },
    },
    {
      id: 8,
      previousEventId: 7,
      timestamp: at,
      type: "ExecutionSucceeded",
      executionSucceededEventDetails: { output: '"yes"', outputDetails: whole },
    },
  ]);
});

it("records a Lambda function's failure, a Catch and an assignment", async () => {
  const harness = new Harness({
    functions: {
      work: () => {
        throw new Error("no");
      },
    },
  });
  const executionArn = await harness.start({
    StartAt: "T",
    States: {
      T: {
        Type: "Task",
        Resource: lambdaArn("work"),
        Catch: [{ ErrorEquals: ["Error"], Assign: { "why.$": "$.Error" }, Next: "P" }],
        End: true,
      },
      P: { Type: "Pass", End: true },
    },
  });
  const cause = '{"errorType":"Error","errorMessage":"no"}';
  const events = await harness.history(executionArn);
  expect(events.map(({ type }) => type)).toEqual([
    "ExecutionStarted",
    "TaskStateEntered",
    "LambdaFunctionScheduled",
    "LambdaFunctionStarted",
    "LambdaFunctionFailed",
    "TaskStateExited",
    "PassStateEntered",
    "PassStateExited",
    "ExecutionSucceeded",
  ]);
  expect(events[2]).toMatchObject({
    lambdaFunctionScheduledEventDetails: { resource: lambdaArn("work"), input: "{}" },
  });
  expect(events[4]).toMatchObject({ lambdaFunctionFailedEventDetails: { error: "Error", cause } });
  expect(events[5]).toMatchObject({
    stateExitedEventDetails: {
      assignedVariables: { why: '"Error"' },
      assignedVariablesDetails: { truncated: false },
      output: JSON.stringify({ Error: "Error", Cause: cause }),
    },
  });
});

it("links the events of iterations to their own thread", async () => {
  const harness = new Harness();
  const executionArn = await harness.start(
    {
      StartAt: "M",
      States: {
        M: {
          Type: "Map",
          ItemProcessor: { StartAt: "P", States: { P: { Type: "Wait", Seconds: 1, End: true } } },
          End: true,
        },
      },
    },
    ["a", "b"],
  );
  await harness.clock.advance(1000);
  const events = await harness.history(executionArn);
  const previous = events.map(({ id, type, previousEventId }) => [id, type, previousEventId]);
  expect(previous.slice(0, 7)).toEqual([
    [1, "ExecutionStarted", 0],
    [2, "MapStateEntered", 0],
    [3, "MapStateStarted", 2],
    [4, "MapIterationStarted", 3],
    [5, "MapIterationStarted", 3],
    [6, "WaitStateEntered", 4],
    [7, "WaitStateEntered", 5],
  ]);
  expect(previous.slice(7)).toEqual(
    expect.arrayContaining([
      [8, "WaitStateExited", 6],
      [9, "MapIterationSucceeded", 8],
      [10, "WaitStateExited", 7],
      [11, "MapIterationSucceeded", 10],
      [12, "MapStateSucceeded", 11],
      [13, "MapStateExited", 11],
      [14, "ExecutionSucceeded", 13],
    ]),
  );
  expect(events[2]).toMatchObject({ mapStateStartedEventDetails: { length: 2 } });
  expect(events[4]).toMatchObject({ mapIterationStartedEventDetails: { name: "M", index: 1 } });
});

it("records a failed JSONata evaluation", async () => {
  const harness = new Harness();
  const executionArn = await harness.start({
    QueryLanguage: "JSONata",
    StartAt: "P",
    States: { P: { Type: "Pass", Output: "{% $none %}", End: true } },
  });
  expect((await harness.history(executionArn))[2]).toMatchObject({
    type: "EvaluationFailed",
    evaluationFailedEventDetails: { error: "States.QueryEvaluationError", location: "Output", state: "P" },
  });
});

it("is returned in pages, in either order, with or without data", async () => {
  const harness = new Harness();
  const executionArn = await harness.start({
    StartAt: "A",
    States: { A: { Type: "Pass", Next: "B" }, B: { Type: "Pass", End: true } },
  });
  const ids = async (reverseOrder: boolean) => {
    const seen: number[] = [];
    let nextToken: unknown;
    do {
      const page = await harness.call("GetExecutionHistory", {
        executionArn,
        reverseOrder,
        maxResults: 4,
        ...(nextToken ? { nextToken } : {}),
      });
      seen.push(...(page["events"] as { id: number }[]).map(({ id }) => id));
      nextToken = page["nextToken"];
    } while (nextToken);
    return seen;
  };
  expect(await ids(false)).toEqual([1, 2, 3, 4, 5, 6]);
  expect(await ids(true)).toEqual([6, 5, 4, 3, 2, 1]);
  const bare = await harness.call("GetExecutionHistory", { executionArn, includeExecutionData: false });
  expect((bare["events"] as unknown[])[1]).toMatchObject({
    stateEnteredEventDetails: { name: "A", inputDetails: { truncated: false } },
  });
  expect(JSON.stringify(bare)).not.toContain('"input":');
  await expect(
    harness.call("GetExecutionHistory", { executionArn, nextToken: "nonsense" }),
  ).rejects.toMatchObject({ name: "InvalidToken" });
});

it("shortens a page of large events", async () => {
  const harness = new Harness();
  const states = Object.fromEntries(
    Array.from({ length: 60 }, (_, index) => [
      `P${index}`,
      { Type: "Pass", ...(index === 59 ? { End: true } : { Next: `P${index + 1}` }) },
    ]),
  );
  const executionArn = await harness.start({ StartAt: "P0", States: states }, "x".repeat(200_000));
  const page = await harness.call("GetExecutionHistory", { executionArn, maxResults: 1000 });
  expect((page["events"] as unknown[]).length).toBeLessThan(122);
  let seen = 0;
  for (let nextToken: unknown = ""; nextToken !== undefined; ) {
    const part = await harness.call("GetExecutionHistory", {
      executionArn,
      ...(nextToken ? { nextToken } : {}),
    });
    seen += (part["events"] as unknown[]).length;
    nextToken = part["nextToken"];
  }
  expect(seen).toBe(122);
});

it("records a Map's failure once, although it was retried", async () => {
  const harness = new Harness();
  const executionArn = await harness.start(
    {
      StartAt: "M",
      States: {
        M: {
          Type: "Map",
          ItemProcessor: { StartAt: "F", States: { F: { Type: "Fail", Error: "E" } } },
          Retry: [{ ErrorEquals: ["E"], IntervalSeconds: 1, MaxAttempts: 1 }],
          End: true,
        },
      },
    },
    ["a"],
  );
  await harness.clock.advance(1000);
  const events = await harness.history(executionArn);
  expect(events.map(({ id, type, previousEventId }) => [id, type, previousEventId]).slice(2)).toEqual([
    [3, "MapStateStarted", 2],
    [4, "MapIterationStarted", 3],
    [5, "FailStateEntered", 4],
    [6, "MapIterationFailed", 5],
    [7, "MapStateStarted", 5],
    [8, "MapIterationStarted", 7],
    [9, "FailStateEntered", 8],
    [10, "MapIterationFailed", 9],
    [11, "MapStateFailed", 9],
    [12, "ExecutionFailed", 11],
  ]);
});

it("aborts the Task whose failure ends its branch", async () => {
  const harness = new Harness();
  const failing = { Type: "Task", Resource: lambdaArn("none"), End: true };
  const executionArn = await harness.start({
    StartAt: "P",
    States: { P: { Type: "Parallel", Branches: [{ StartAt: "T", States: { T: failing } }], End: true } },
  });
  expect((await harness.types(executionArn)).slice(-4)).toEqual([
    ...["LambdaFunctionFailed", "TaskStateAborted", "ParallelStateFailed", "ExecutionFailed"],
  ]);
});

it("names the field of a failed evaluation, after the event before the state", async () => {
  const harness = new Harness();
  const executionArn = await harness.start({
    QueryLanguage: "JSONata",
    StartAt: "A",
    States: {
      A: { Type: "Pass", Next: "M" },
      M: {
        Type: "Map",
        Items: "{% 1 %}",
        ItemProcessor: { StartAt: "B", States: { B: { Type: "Pass", End: true } } },
        End: true,
      },
    },
  });
  const events = (await harness.history(executionArn)).slice(3);
  expect(events.map(({ id, type, previousEventId }) => [id, type, previousEventId])).toEqual([
    [4, "MapStateEntered", 3],
    [5, "EvaluationFailed", 3],
    [6, "MapStateFailed", 5],
    [7, "ExecutionFailed", 6],
  ]);
  expect(events[1]).toMatchObject({ evaluationFailedEventDetails: { location: "Items", state: "M" } });
});

it("names the innermost field of a failed evaluation", async () => {
  const harness = new Harness();
  const Output = { a: [0, { b: "{% $none %}" }] };
  const executionArn = await harness.start({
    QueryLanguage: "JSONata",
    StartAt: "A",
    States: { A: { Type: "Pass", Output, End: true } },
  });
  const failed = (await harness.history(executionArn)).find(({ type }) => type === "EvaluationFailed");
  expect(failed).toMatchObject({ evaluationFailedEventDetails: { location: "Output/a[1]/b" } });
});
