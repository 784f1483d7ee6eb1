import { expect, it } from "vitest";
import { ARN, compile, errorsOf, flow } from "../../test/harness/asl/compiler.ts";
import type { JsonObject } from "../model/json/json.ts";

const step = { Type: "Task", Resource: `${ARN}charge` };
const charge = { Type: "Task", Resource: `${ARN}charge`, End: true };

it("distinguishes flows in which every step has a gate", () => {
  const gated = (Sluice: JsonObject) => {
    const result = compile(flow({ Charge: { ...charge, Sluice } }));
    return result.ok && result.gated;
  };
  expect(gated({})).toBe(true);
  expect(gated({ Gate: "inline" })).toBe(true);
  expect(gated({ Gate: "none" })).toBe(undefined);
});

it.each<[string, unknown, string]>([
  ["an array", [], ": The definition must be a JSON object."],
  ["no StartAt", { States: { A: charge } }, ": StartAt is missing"],
  ["no states", { StartAt: "A", States: {} }, "States: States must be an object with at least one state"],
  ["an unknown start", { StartAt: "B", States: { A: charge } }, `StartAt: There is no state "B" here`],
  ["an unknown type", flow({ A: { Type: "Tsk" } }), "States.A.Type: Type must be one of"],
  [
    "an unknown target",
    flow({ Charge: { ...step, Next: "Chrage" } }),
    `States.Charge.Next: There is no state "Chrage"`,
  ],
  [
    "a target in another scope",
    flow({
      P: {
        Type: "Parallel",
        Branches: [flow({ In: { ...step, Next: "Out" } })],
        Next: "Out",
      },
      Out: charge,
    }),
    'States.P.Branches[0].States.In.Next: The state "Out" is in another scope (States.Out)',
  ],
  [
    "Next and End",
    flow({ A: { ...charge, Next: "B" }, B: charge }),
    "States.A.End: A state can have Next or End, but not both",
  ],
  ["neither Next nor End", flow({ A: { Type: "Pass" } }), "States.A: Next is missing"],
  ["an unreachable state", flow({ A: charge, B: charge }), `States.B: No transition leads to "B"`],
  [
    "a name used twice",
    flow({ A: { Type: "Parallel", Branches: [flow({ A: charge })], End: true } }),
    "States.A.Branches[0].States.A: This name is already used at States.A",
  ],
  [
    "a name that is too long",
    flow({ ["x".repeat(81)]: charge }),
    "must have 1 to 80 characters; this one has 81",
  ],
  [
    "no branches",
    flow({ A: { Type: "Parallel", Branches: [], End: true } }),
    "States.A.Branches: Branches must be an array with at least one",
  ],
  [
    "no choices",
    flow({ A: { Type: "Choice", Choices: [], Default: "B" }, B: charge }),
    "States.A.Choices: Choices must be an array of at least one rule",
  ],
  ["a loop without an end", flow({ A: { Type: "Pass", Next: "A" } }), "States: No state ends this scope"],
  [
    "an unknown field",
    flow({ A: { ...charge, Timeout: 3 } }),
    "States.A.Timeout: A Task state cannot have Timeout",
  ],
  [
    "a field of the other language",
    flow({ A: { ...charge, Arguments: {} } }),
    "States.A.Arguments: Arguments is a field of JSONata",
  ],
  ["an unknown field at the top level", flow({ A: charge }, { Region: "x" }), "Region: Unknown field"],
  [
    "JSONPath in a JSONata flow",
    flow({ A: { ...charge, QueryLanguage: "JSONPath" } }, { QueryLanguage: "JSONata" }),
    "States.A.QueryLanguage: A state cannot use JSONPath when",
  ],
  [
    "bad JSONata",
    flow({ A: { ...charge, Arguments: { n: "{% 1 + %}" } } }, { QueryLanguage: "JSONata" }),
    "States.A.Arguments.n: This JSONata expression has a syntax error",
  ],
  [
    "JSONata that is not closed",
    flow({ A: { ...charge, Output: "{% 1" } }, { QueryLanguage: "JSONata" }),
    "States.A.Output: This JSONata expression is not closed",
  ],
  [
    "bad JSONPath",
    flow({ A: { ...charge, InputPath: "$.a[" } }),
    "States.A.InputPath: InputPath is not a valid JSONPath: a bracket is not closed",
  ],
  [
    "a wait for two things",
    flow({ A: { Type: "Wait", Seconds: 1, Timestamp: "2030-01-01T00:00:00Z", End: true } }),
    "States.A: A Wait state needs exactly one of Seconds, Timestamp, SecondsPath, TimestampPath",
  ],
  [
    "States.ALL among others",
    flow({ A: { ...charge, Catch: [{ ErrorEquals: ["States.ALL", "X"], Next: "A" }] } }),
    "States.A.Catch[0].ErrorEquals: States.ALL must be the only error name",
  ],
  [
    "a catcher without Next",
    flow({ A: { ...charge, Catch: [{ ErrorEquals: ["X"] }] } }),
    "States.A.Catch[0]: Next is missing",
  ],
  [
    "an invalid retrier",
    flow({ A: { ...charge, Retry: [{ ErrorEquals: ["X"], BackoffRate: 0.5 }] } }),
    "States.A.Retry[0].BackoffRate: BackoffRate must be",
  ],
  [
    "a reserved variable",
    flow({ A: { ...charge, Assign: { sluiceVisit0: 1 } } }),
    `States.A.Assign.sluiceVisit0: Variable names that begin with "sluice"`,
  ],
  [
    "a reserved error",
    flow({ A: { Type: "Fail", Error: "Sluice.Closed" } }),
    'States.A.Error: "Sluice.Closed" is reserved for Sluice',
  ],
  [
    "Sluice on a Map",
    flow({ A: { Type: "Map", Sluice: {}, ItemProcessor: flow({ B: charge }), End: true } }),
    "States.A.Sluice: Only a Task or a Distributed Map can have the field Sluice",
  ],
  [
    "an unknown key in Sluice",
    flow({ A: { ...charge, Sluice: { Require: ["x"] } } }),
    "States.A.Sluice.Require: Unknown field",
  ],
  [
    "a cost of a step without a gate",
    flow({ A: { ...charge, Sluice: { Gate: "none", Cost: 1 } } }),
    "States.A.Sluice.Gate: A step with Requires or Cost needs a gate",
  ],
  [
    "an approval without a title",
    flow({ A: { ...charge, Resource: "arn:sluice:::approval", Parameters: {} } }),
    "States.A.Parameters: Title is missing",
  ],
  [
    "a form without a form",
    flow({ A: { ...charge, Resource: "arn:sluice:::form", Parameters: { Title: "t" } } }),
    "States.A.Parameters: Form is missing",
  ],
  [
    "invalid assignees",
    flow({
      A: { ...charge, Resource: "arn:sluice:::approval", Parameters: { Title: "t", Assignees: "ann" } },
    }),
    "States.A.Parameters.Assignees: Assignees must be an array",
  ],
  [
    "an approval with a heartbeat",
    flow({
      A: { ...charge, Resource: "arn:sluice:::approval", Parameters: { Title: "t" }, HeartbeatSeconds: 5 },
    }),
    "States.A.HeartbeatSeconds: An approval or form cannot have",
  ],
  [
    "an unknown resource of Sluice",
    flow({ A: { ...charge, Resource: "arn:sluice:::vote" } }),
    "States.A.Resource: Unknown resource",
  ],
  [
    "an approval in a Distributed Map",
    flow({
      M: {
        Type: "Map",
        End: true,
        ItemProcessor: {
          ProcessorConfig: { Mode: "DISTRIBUTED", ExecutionType: "STANDARD" },
          ...flow({ A: { ...charge, Resource: "arn:sluice:::approval", Parameters: { Title: "t" } } }),
        },
      },
    }),
    "States.M.ItemProcessor.States.A: An approval cannot be inside a Distributed Map",
  ],
  [
    "a deadline of zero",
    flow({ A: charge }, { TimeoutSeconds: 0 }),
    "TimeoutSeconds: TimeoutSeconds must be an integer",
  ],
  [
    "a batch in an inline Map",
    flow({
      M: { Type: "Map", ItemBatcher: { MaxItemsPerBatch: 2 }, ItemProcessor: flow({ A: charge }), End: true },
    }),
    "States.M.ItemBatcher: Only a Distributed Map can have ItemBatcher",
  ],
  [
    "a heartbeat beyond the time-out",
    flow({ A: { ...charge, TimeoutSeconds: 5, HeartbeatSeconds: 5 } }),
    "States.A.HeartbeatSeconds: HeartbeatSeconds must be smaller",
  ],
  [
    "an outer variable assigned inside",
    flow({
      O: { ...step, Assign: { v: 1 }, Next: "P" },
      P: { Type: "Parallel", Branches: [flow({ A: { ...charge, Assign: { "v.$": "$" } } })], End: true },
    }),
    `States.P.Branches[0].States.A.Assign.v.$: The variable "v" is also assigned outside`,
  ],
])("rejects %s and names the state and the field", (_what, definition, expected) => {
  expect(errorsOf(definition)).toContainEqual(expect.stringContaining(expected));
});

const invoke = (Parameters: JsonObject, Resource = "arn:aws:states:::lambda:invoke") =>
  flow({ A: { ...charge, Resource, Parameters } });

it.each<[string, JsonObject, string | undefined]>([
  ["a function's ARN", flow({ A: charge }), undefined],
  ["a function's name", invoke({ FunctionName: "charge" }), undefined],
  ["a partial ARN with an alias", invoke({ FunctionName: "123456789012:function:charge:live" }), undefined],
  [
    "a callback",
    invoke({ FunctionName: "charge" }, "arn:aws:states:::lambda:invoke.waitForTaskToken"),
    undefined,
  ],
  [
    "a function that is only known at run time",
    invoke({ "FunctionName.$": "$.f" }),
    "States.A.Parameters.FunctionName.$: FunctionName must be the literal name",
  ],
  ["no function", invoke({}), "States.A.Parameters: FunctionName must be the literal name"],
  [
    "a function of Sluice",
    invoke({ FunctionName: "sluice-gate" }),
    "States.A.Resource: A flow cannot call Sluice's own functions",
  ],
  [
    "Sluice by ARN and version",
    flow({ A: { ...charge, Resource: `${ARN}sluice-gate:3` } }),
    "States.A.Resource: A flow cannot call Sluice's own functions",
  ],
  [
    "an expression",
    flow({ A: { ...charge, Resource: "{% $f %}" } }),
    "States.A.Resource: Resource must be a literal ARN",
  ],
  [
    "credentials",
    flow({ A: { ...charge, Credentials: { RoleArn: "r" } } }),
    "States.A.Credentials: This deployment does not allow flows to choose their Credentials",
  ],
  [
    "an activity",
    flow({ A: { ...charge, Resource: "arn:aws:states:eu-west-1:123456789012:activity:a" } }),
    "States.A.Resource: This deployment does not allow flows to call",
  ],
  [
    "another execution",
    flow({ A: { ...charge, Resource: "arn:aws:states:::states:startExecution.sync:2" } }),
    "States.A.Resource: This deployment does not allow flows to call",
  ],
  [
    "the SDK",
    flow({ A: { ...charge, Resource: "arn:aws:states:::aws-sdk:s3:getObject" } }),
    "States.A.Resource: This deployment does not allow flows to call",
  ],
  [
    "a queue",
    flow({ A: { ...charge, Resource: "arn:aws:states:::sqs:sendMessage" } }),
    "States.A.Resource: This deployment does not allow flows to call",
  ],
])("checks the resources that a flow may call: %s", (_what, definition, expected) => {
  const errors = errorsOf(definition);
  if (expected === undefined) expect(errors).toEqual([]);
  else expect(errors).toContainEqual(expect.stringContaining(expected));
});

it("lets a deployment allow more, but never Sluice's own functions", () => {
  const queue = flow({ A: { ...charge, Resource: "arn:aws:states:::sqs:sendMessage.waitForTaskToken" } });
  expect(errorsOf(queue, { policy: { allow: ["arn:aws:states:::sqs:*"] } })).toEqual([]);
  expect(errorsOf(queue, { policy: { allow: ["arn:aws:states:::sns:*"] } })).toHaveLength(1);
  expect(errorsOf(invoke({ FunctionName: "sluice-park" }), { policy: { allow: ["*"] } })).toHaveLength(1);
});

it("accepts data that looks like states, and expressions of several lines", () => {
  const odd = {
    Next: "Nowhere",
    States: null,
    StartAt: 1,
    Branches: [[null, ""]],
    "Path.$": "$.a",
    Default: "",
    Parameters: "p",
  };
  expect(
    errorsOf(
      flow({
        A: { ...step, Parameters: odd, Next: "B" },
        B: { Type: "Pass", Result: odd, End: true },
      }),
    ),
  ).toEqual([]);
  const lines = "{%\n  $states.input\n%}";
  const jsonata = flow(
    { A: { ...charge, Arguments: { ...odd, list: [[1]], empty: "", lines }, Output: ["x"] } },
    { QueryLanguage: "JSONata" },
  );
  expect(errorsOf(jsonata)).toEqual([]);
});

it("rejects a flow whose request its gates make too large, escapes included", () => {
  const steps = Array.from({ length: 820 }, (_, index): [string, JsonObject] => [
    `S${index}`,
    {
      Type: "Task",
      Resource: `${ARN}charge`,
      ...(index === 819 ? { End: true } : { Next: `S${index + 1}` }),
    },
  ]);
  expect(errorsOf(flow(Object.fromEntries(steps)))).toEqual([
    expect.stringMatching(/makes a request of 1[01]\d{5} bytes. Step Functions accepts 1048576/),
  ]);
});

it("returns the deadline instead of compiling it", () => {
  const result = compile(flow({ A: charge }, { TimeoutSeconds: 60 }));
  expect(result).toMatchObject({ ok: true, timeoutSeconds: 60 });
  expect(result.ok && result.compiled).not.toHaveProperty("TimeoutSeconds");
});

it("warns about gates and history limits", () => {
  const child = flow({ A: { ...charge, Sluice: { Gate: "inline", Cost: 1 } } });
  const result = compile(
    flow({
      Wide: { Type: "Map", ItemProcessor: child, Next: "Far" },
      Far: {
        Type: "Map",
        ItemProcessor: {
          ProcessorConfig: { Mode: "DISTRIBUTED", ExecutionType: "STANDARD" },
          ...flow({ B: charge }),
        },
        End: true,
      },
    }),
  );
  expect(result.ok && result.warnings).toEqual([
    expect.stringContaining(
      `States.Wide.ItemProcessor.States.A.Sluice.Gate: has the effect of "before", because Cost is metered by a gate before the step.`,
    ),
    expect.stringContaining("States.Wide: an iteration adds about 12 events to the execution's history"),
  ]);
});

it("warns about a Distributed Map whose children have no gates, unless they are asked to have none", () => {
  const child = flow({ B: charge });
  const far = (fields: JsonObject, states = child, ExecutionType = "STANDARD") => {
    const ItemProcessor = { ProcessorConfig: { Mode: "DISTRIBUTED", ExecutionType }, ...states };
    const result = compile(flow({ Far: { Type: "Map", ItemProcessor, End: true, ...fields } }));
    return result.ok && result.warnings;
  };
  const warning = (reason: string) => [
    expect.stringMatching(new RegExp(`^States.Far: the children .* have no gates, because .*${reason}`)),
  ];
  expect(far({})).toEqual([]);
  expect(far({ Sluice: { Children: "free" } })).toEqual([]);
  expect(far({}, child, "EXPRESS")).toEqual(warning("EXPRESS"));
  const format = (Transformation: string) => ({ ResultWriter: { WriterConfig: { Transformation } } });
  expect(far(format("NONE"))).toEqual(warning("ResultWriter"));
  expect(far(format("COMPACT"))).toEqual([]);
  const reads = (path: string) =>
    flow({ Look: { Type: "Pass", Parameters: { "x.$": path }, Next: "B" }, B: charge });
  for (const path of ["$$", "$$.Execution", "$$.Execution.Input.a", "$$['Execution']['Input']"])
    expect(far({}, reads(path)), path).toEqual(warning("Execution.Input"));
  for (const path of ["$$.Execution.Id", "$$.State.EnteredTime", "$.a"])
    expect(far({}, reads(path))).toEqual([]);
});

it("wraps the items of a Distributed Map, and takes the wrapping off in the first gate of the child", () => {
  const ItemProcessor = {
    ProcessorConfig: { Mode: "DISTRIBUTED", ExecutionType: "STANDARD" },
    ...flow({ B: { ...step, Next: "C" }, C: charge }),
  };
  const result = compile(flow({ Far: { Type: "Map", ItemProcessor, End: true } }));
  const { Far } = ((result.ok && result.compiled.States) || {}) as Record<string, JsonObject>;
  expect(Far?.ItemSelector).toEqual({
    sluice: { "run.$": "$$.Execution.Name", map: ["", "Far"] },
    "item.$": "$$.Map.Item.Value",
  });
  const { StartAt, States } = (Far as JsonObject).ItemProcessor as {
    StartAt: string;
    States: Record<string, JsonObject>;
  };
  expect(StartAt).toBe("Sluice gate - B");
  expect(States[StartAt]).toMatchObject({
    Arguments: {
      Payload: "{% $states.{'v':2,'at':context.[Execution.Id,State],'flow':'order','child':input.sluice} %}",
    },
    Output: "{% $states.input.item %}",
    Assign: { sluiceChild1: "{% $states.input.sluice %}" },
  });
  expect(JSON.stringify(States["Sluice park - B"])).toContain('"child.$":"$.sluice"');
  expect(JSON.stringify(States["Sluice gate - C"])).toContain("'child':$sluiceChild1}");
  expect(JSON.stringify(States["Sluice park - C"])).toContain('"child.$":"$sluiceChild1"');
});

it("does not warn about a Map with a few literal items", () => {
  const map = {
    Type: "Map",
    QueryLanguage: "JSONata",
    Items: [1, 2, 3],
    ItemProcessor: flow({ A: charge }),
    End: true,
  };
  const result = compile(flow({ M: map }));
  expect(result.ok && result.warnings).toEqual([]);
});

it("gives every Task the workspace's role, also in a Distributed Map, and removes the field Sluice", () => {
  const child = flow({ B: { ...charge, Sluice: { Cost: 1 } } });
  const definition = flow({
    A: { ...step, Sluice: { Gate: "none" }, Next: "Far" },
    Far: {
      Type: "Map",
      ItemProcessor: { ProcessorConfig: { Mode: "DISTRIBUTED", ExecutionType: "STANDARD" }, ...child },
      End: true,
    },
  });
  const result = compile(definition, { taskRoleArn: "arn:aws:iam::123456789012:role/r" });
  const { A, Far } = ((result.ok && result.compiled.States) || {}) as Record<string, JsonObject>;
  const Credentials = { RoleArn: "arn:aws:iam::123456789012:role/r" };
  expect(A).toMatchObject({ Credentials });
  expect(A).not.toHaveProperty("Sluice");
  expect(Far?.ItemProcessor).toMatchObject({
    StartAt: "Sluice gate - B",
    States: { B: { ...charge, Credentials } },
  });
  expect(JSON.stringify(result)).not.toContain("Cost");
  expect(result.ok && result.compiled.StartAt).toBe("A");
});
