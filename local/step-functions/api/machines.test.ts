import { expect, it } from "vitest";
import { Harness } from "../test-harness.ts";

const pass = (result: number) => ({
  StartAt: "P",
  States: { P: { Type: "Pass", Result: result, End: true } },
});
const roleArn = "arn:aws:iam::000000000000:role/flow";
const text = (result: number) => JSON.stringify(pass(result));

it("creates, describes, lists and deletes a machine", async () => {
  const harness = new Harness();
  const stateMachineArn = await harness.create(pass(1), "one");
  expect(stateMachineArn).toBe("arn:aws:states:us-east-1:000000000000:stateMachine:one");
  expect(await harness.call("DescribeStateMachine", { stateMachineArn })).toEqual({
    stateMachineArn,
    name: "one",
    status: "ACTIVE",
    definition: text(1),
    roleArn,
    type: "STANDARD",
    creationDate: harness.clock.now() / 1000,
    loggingConfiguration: { level: "OFF", includeExecutionData: false },
    tracingConfiguration: { enabled: false },
  });
  await harness.create(pass(1), "two");
  const first = await harness.call("ListStateMachines", { maxResults: 1 });
  expect(first["stateMachines"]).toMatchObject([{ name: "one" }]);
  const second = await harness.call("ListStateMachines", { maxResults: 1, nextToken: first["nextToken"] });
  expect(second).toMatchObject({ stateMachines: [{ name: "two" }] });
  expect(second).not.toHaveProperty("nextToken");

  expect(await harness.call("DeleteStateMachine", { stateMachineArn })).toEqual({});
  expect(await harness.call("DeleteStateMachine", { stateMachineArn })).toEqual({});
  await expect(harness.call("DescribeStateMachine", { stateMachineArn })).rejects.toMatchObject({
    name: "StateMachineDoesNotExist",
    message: `State Machine Does Not Exist: '${stateMachineArn}'`,
    status: 400,
  });
});

it("creates the same machine again, but never another one with its name", async () => {
  const harness = new Harness();
  const arn = await harness.create(pass(1));
  harness.clock.advance(1000);
  expect(await harness.create(pass(1))).toBe(arn);
  await expect(harness.create(pass(2))).rejects.toMatchObject({ name: "StateMachineAlreadyExists" });
});

it("is DELETING while executions continue", async () => {
  const harness = new Harness();
  const sleeping = { StartAt: "W", States: { W: { Type: "Wait", Seconds: 60, End: true } } };
  const executionArn = await harness.start(sleeping);
  const stateMachineArn = "arn:aws:states:us-east-1:000000000000:stateMachine:flow";
  await harness.call("DeleteStateMachine", { stateMachineArn });
  expect(await harness.call("DescribeStateMachine", { stateMachineArn })).toMatchObject({
    status: "DELETING",
  });
  await expect(harness.call("StartExecution", { stateMachineArn })).rejects.toMatchObject({
    name: "StateMachineDeleting",
  });
  await expect(harness.create(sleeping)).rejects.toMatchObject({ name: "StateMachineDeleting" });
  await harness.clock.advance(60_000);
  expect(await harness.describe(executionArn)).toMatchObject({ status: "SUCCEEDED" });
  await expect(harness.call("DescribeStateMachine", { stateMachineArn })).rejects.toMatchObject({
    name: "StateMachineDoesNotExist",
  });
});

it("runs the version that an ARN names, and the newest definition without one", async () => {
  const harness = new Harness();
  const made = await harness.call("CreateStateMachine", {
    name: "flow",
    definition: text(1),
    roleArn,
    publish: true,
    versionDescription: "first",
  });
  const { stateMachineArn } = made;
  expect(made["stateMachineVersionArn"]).toBe(`${stateMachineArn}:1`);
  const updated = await harness.call("UpdateStateMachine", {
    stateMachineArn,
    definition: text(2),
    publish: true,
  });
  expect(updated["stateMachineVersionArn"]).toBe(`${stateMachineArn}:2`);
  await harness.call("UpdateStateMachine", { stateMachineArn, definition: text(3) });

  const outputOf = async (arn: string) => {
    const { executionArn } = await harness.call("StartExecution", { stateMachineArn: arn });
    expect(String(executionArn).split(":")).toHaveLength(8);
    await harness.clock.settled();
    return (await harness.describe(String(executionArn)))["output"];
  };
  expect(await outputOf(`${stateMachineArn}:1`)).toBe("1");
  expect(await outputOf(`${stateMachineArn}:2`)).toBe("2");
  expect(await outputOf(String(stateMachineArn))).toBe("3");
  await expect(outputOf(`${stateMachineArn}:3`)).rejects.toMatchObject({ name: "StateMachineDoesNotExist" });

  expect(
    await harness.call("DescribeStateMachine", { stateMachineArn: `${stateMachineArn}:1` }),
  ).toMatchObject({
    stateMachineArn: `${stateMachineArn}:1`,
    description: "first",
    definition: text(1),
  });
  const versions = await harness.call("ListStateMachineVersions", { stateMachineArn });
  expect(versions["stateMachineVersions"]).toMatchObject([
    { stateMachineVersionArn: `${stateMachineArn}:2` },
    { stateMachineVersionArn: `${stateMachineArn}:1` },
  ]);
  await harness.call("DeleteStateMachineVersion", { stateMachineVersionArn: `${stateMachineArn}:1` });
  await expect(outputOf(`${stateMachineArn}:1`)).rejects.toMatchObject({ name: "StateMachineDoesNotExist" });
  const listed = await harness.call("ListExecutions", { stateMachineArn: `${stateMachineArn}:2` });
  expect(listed["executions"]).toMatchObject([{ stateMachineVersionArn: `${stateMachineArn}:2` }]);
});

it("publishes a revision once, and only the requested one", async () => {
  const harness = new Harness();
  const stateMachineArn = await harness.create(pass(1));
  const publish = (revisionId?: unknown) =>
    harness.call("PublishStateMachineVersion", { stateMachineArn, ...(revisionId ? { revisionId } : {}) });
  expect((await publish())["stateMachineVersionArn"]).toBe(`${stateMachineArn}:1`);
  expect((await publish())["stateMachineVersionArn"]).toBe(`${stateMachineArn}:1`);
  const { revisionId } = await harness.call("UpdateStateMachine", { stateMachineArn, definition: text(2) });
  await harness.call("UpdateStateMachine", { stateMachineArn, definition: text(3) });
  await expect(publish(revisionId)).rejects.toMatchObject({
    name: "ConflictException",
    message: expect.stringContaining(String(revisionId)),
  });
  expect((await publish())["stateMachineVersionArn"]).toBe(`${stateMachineArn}:2`);
  await expect(harness.call("UpdateStateMachine", { stateMachineArn })).rejects.toMatchObject({
    name: "MissingRequiredParameter",
  });
  await expect(
    harness.call("UpdateStateMachine", { stateMachineArn, definition: text(4), versionDescription: "x" }),
  ).rejects.toMatchObject({
    name: "ValidationException",
    message: "Version description can only be set when publish is true",
  });
});

it.each([
  ["not a definition", /INVALID_JSON_DESCRIPTION/],
  ['{"StartAt":"A"}', /These fields are required: \[States\] at \//],
  ['{"StartAt":"A","States":{"A":{"Type":"Pass","Next":"B"}}}', /MISSING_TRANSITION_TARGET/],
  [
    '{"QueryLanguage":"JSONata","StartAt":"A","States":{"A":{"Type":"Pass","QueryLanguage":"JSONPath","End":true}}}',
    /'QueryLanguage' can not be 'JSONPath' if set to 'JSONata' for whole state machine at \/States\/A/,
  ],
  [
    '{"StartAt":"A","States":{"A":{"Type":"Task","Resource":"arn:aws:states:::states:stopExecution","End":true}}}',
    /no optimized integration "states:stopExecution"/,
  ],
  [
    '{"StartAt":"A","States":{"A":{"Type":"Map","ItemBatcher":{"MaxItemsPerBatch":1},"ItemProcessor":{"StartAt":"B","States":{"B":{"Type":"Pass","End":true}}},"End":true}}}',
    /ItemBatcher/,
  ],
  [
    '{"StartAt":"V","States":{"V":{"Type":"Pass","Assign":{"x":1},"Next":"A"},"A":{"Type":"Parallel","Branches":[{"StartAt":"B","States":{"B":{"Type":"Pass","Assign":{"x":2},"End":true}}}],"End":true}}}',
    /variable 'x' is assigned in an outer scope/,
  ],
  [
    '{"StartAt":"A","States":{"A":{"Type":"Task","Resource":"arn:aws:states:::lambda:invoke","Parameters":{"FunctionName":"f"},"Retry":[{"ErrorEquals":["States.ALL"]},{"ErrorEquals":["X"]}],"End":true}}}',
    /States\.ALL/,
  ],
  [
    `{"StartAt":"${"a".repeat(81)}","States":{"${"a".repeat(81)}":{"Type":"Pass","End":true}}}`,
    /80 characters/,
  ],
])("refuses the definition %s", async (definition, message) => {
  const harness = new Harness();
  await expect(
    harness.call("CreateStateMachine", { name: "flow", definition, roleArn }),
  ).rejects.toMatchObject({
    name: "InvalidDefinition",
    message: expect.stringMatching(message),
  });
  expect(await harness.call("ValidateStateMachineDefinition", { definition })).toMatchObject({
    result: "FAIL",
  });
});

it("validates without creating", async () => {
  const harness = new Harness();
  expect(await harness.call("ValidateStateMachineDefinition", { definition: text(1) })).toEqual({
    result: "OK",
    diagnostics: [],
    truncated: false,
  });
  expect(await harness.call("ValidateStateMachineDefinition", { definition: "{}" })).toEqual({
    result: "FAIL",
    diagnostics: [
      {
        severity: "ERROR",
        code: "SCHEMA_VALIDATION_FAILED",
        message: "These fields are required: [States, StartAt]",
        location: "/",
      },
    ],
    truncated: false,
  });
});

it.each([
  ["CreateStateMachine", { name: "a b", definition: text(1), roleArn }, "InvalidName"],
  ["CreateStateMachine", { name: "a".repeat(81), definition: text(1), roleArn }, "ValidationException"],
  ["CreateStateMachine", { name: "a", definition: " ".repeat(1_048_577), roleArn }, "ValidationException"],
  ["CreateStateMachine", { name: "a", roleArn }, "ValidationException"],
  ["DescribeStateMachine", { stateMachineArn: "flow" }, "InvalidArn"],
  ["ListStateMachines", { maxResults: 1001 }, "ValidationException"],
  ["ListStateMachines", { nextToken: "xyz" }, "InvalidToken"],
  ["NoSuchOperation", {}, "UnknownOperationException"],
])("%s %j is answered with %s", async (operation, body, name) => {
  await expect(new Harness().call(operation, body)).rejects.toMatchObject({ name });
});

it("keeps the tags of a machine until it is deleted", async () => {
  const harness = new Harness();
  const resourceArn = await harness.create(pass(1), "tagged");
  const tags = async () => (await harness.call("ListTagsForResource", { resourceArn }))["tags"];
  expect(await tags()).toEqual([]);
  const team = { key: "team", value: "orders" };
  await harness.call("TagResource", { resourceArn, tags: [team, { key: "stage", value: "" }] });
  await harness.call("TagResource", { resourceArn, tags: [{ ...team, value: "billing" }] });
  expect(await tags()).toEqual([
    { key: "stage", value: "" },
    { key: "team", value: "billing" },
  ]);
  await harness.call("UntagResource", { resourceArn, tagKeys: ["stage", "none"] });
  expect(await tags()).toEqual([{ key: "team", value: "billing" }]);
  const many = Array.from({ length: 50 }, (_, n) => ({ key: `k${n}`, value: "v" }));
  await expect(harness.call("TagResource", { resourceArn, tags: many })).rejects.toMatchObject({
    name: "TooManyTags",
  });
  expect(await tags()).toEqual([{ key: "team", value: "billing" }]);
  await harness.call("DeleteStateMachine", { stateMachineArn: resourceArn });
  await expect(harness.call("ListTagsForResource", { resourceArn })).rejects.toMatchObject({
    name: "ResourceNotFound",
  });
  await harness.create(pass(1), "tagged");
  expect(await tags()).toEqual([]);
});

it("starts the version that an alias names, also after the alias is moved", async () => {
  const harness = new Harness();
  const stateMachineArn = await harness.create(pass(1), "aliased");
  const publish = async () =>
    String((await harness.call("PublishStateMachineVersion", { stateMachineArn }))["stateMachineVersionArn"]);
  const first = await publish();
  await harness.call("UpdateStateMachine", { stateMachineArn, definition: JSON.stringify(pass(2)) });
  const second = await publish();
  const to = (stateMachineVersionArn: string) => [{ stateMachineVersionArn, weight: 100 }];
  const made = await harness.call("CreateStateMachineAlias", {
    name: "LIVE",
    routingConfiguration: to(first),
  });
  const alias = { stateMachineAliasArn: `${stateMachineArn}:LIVE` };
  expect(made).toMatchObject(alias);
  const output = async () => {
    const { executionArn } = await harness.call("StartExecution", {
      stateMachineArn: alias.stateMachineAliasArn,
    });
    await harness.clock.settled();
    return (await harness.describe(String(executionArn)))["output"];
  };
  expect(await output()).toBe("1");
  await harness.call("UpdateStateMachineAlias", { ...alias, routingConfiguration: to(second) });
  expect(await output()).toBe("2");
  expect(await harness.call("DescribeStateMachineAlias", alias)).toMatchObject({
    name: "LIVE",
    routingConfiguration: to(second),
  });
  expect(await harness.call("ListStateMachineAliases", { stateMachineArn })).toMatchObject({
    stateMachineAliases: [alias],
  });
  await expect(
    harness.call("DeleteStateMachineVersion", { stateMachineVersionArn: second }),
  ).rejects.toMatchObject({ name: "ConflictException" });
  await expect(
    harness.call("CreateStateMachineAlias", { name: "LIVE", routingConfiguration: to(first) }),
  ).rejects.toMatchObject({ name: "ConflictException" });
  await harness.call("DeleteStateMachineAlias", alias);
  await expect(
    harness.call("StartExecution", { stateMachineArn: alias.stateMachineAliasArn }),
  ).rejects.toMatchObject({ name: "StateMachineDoesNotExist" });
});
