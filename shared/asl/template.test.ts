import { describe, expect, it } from "vitest";
import type { JsonObject } from "../model/json/json.ts";
import { compileFlow } from "./compile.ts";
import { fill, type Substitutions } from "./source/substitutions.ts";
import { compileTemplate } from "./template.ts";

const FLOW = { flowId: "orders" };
const CHARGE = "arn:aws:lambda:eu-west-1:123456789012:function:charge";

const compiled = (text: string, substitutions: Substitutions = {}) => {
  const result = compileTemplate({ text, substitutions, ...FLOW });
  if (!result.ok) throw new Error(JSON.stringify(result.errors));
  return result;
};
const errorsOf = (text: string, substitutions: Substitutions = {}) => {
  const result = compileTemplate({ text, substitutions, ...FLOW });
  if (result.ok) throw new Error("It was compiled");
  return result.errors;
};

/** Values from a registration's answer. */
const REGISTERED = {
  SluiceIncarnation: "abcdefghijklmnop",
  SluiceVersion: 12,
  SluiceGate: "sluice-gate:ws-acme",
  SluicePark: "sluice-park:ws-acme",
  SluicePartition: "aws",
};

/** The text that a deployment makes of the compiled one. */
const deployed = (text: string, substitutions: Substitutions): JsonObject =>
  JSON.parse(fill(text, { ...substitutions, ...REGISTERED }).text);

/** The text that attaching a machine with the filled definition would write. */
const attached = (definition: JsonObject): JsonObject => {
  const FUNCTION = "arn:aws:lambda:eu-west-1:123456789012:function:";
  const result = compileFlow({
    definition,
    constants: { ...FLOW, workspace: "acme", incarnation: "abcdefghijklmnop", version: 12 },
    functions: {
      ...{ gate: `${FUNCTION}sluice-gate:ws-acme`, park: `${FUNCTION}sluice-park:ws-acme` },
      ...{ humanStep: "", continueAsNew: "" },
    },
    attached: { whenUnreachable: "pass" },
  });
  if (!result.ok) throw new Error(JSON.stringify(result.errors));
  return result.compiled;
};

const ORDERS = `{
  "StartAt": "Charge",
  "TimeoutSeconds": \${Limit},
  "States": {
    "Charge": {
      "Type": "Task",
      "Resource": "\${ChargeFunction.Arn}",
      "TimeoutSeconds": \${Limit},
      "Retry": [{ "ErrorEquals": ["States.Timeout"], "MaxAttempts": \${Attempts} }],
      "Next": "Wait"
    },
    "Wait": { "Type": "Wait", "Seconds": \${Delay}, "Next": "Each" },
    "Each": {
      "Type": "Map",
      "ItemsPath": "$.items",
      "ItemProcessor": {
        "StartAt": "Ask",
        "States": {
          "Ask": {
            "Type": "Task",
            "Resource": "arn:\${AWS::Partition}:states:::sqs:sendMessage.waitForTaskToken",
            "Parameters": {
              "QueueUrl": "https://sqs.\${AWS::Region}.amazonaws.com/\${AWS::AccountId}/asks",
              "MessageBody": { "token.$": "$$.Task.Token", "flags": \${Flags}, "literal": "\${!Kept}" }
            },
            "End": true
          }
        }
      },
      "Next": "Failed"
    },
    "Failed": { "Type": "Fail", "Error": "\${Code}", "Cause": "It's \${Code}" }
  }
}`;
const VALUES = {
  ...{ "ChargeFunction.Arn": CHARGE, Limit: 300, Attempts: 2, Delay: 5, Code: "Late's" },
  ...{ "AWS::Partition": "aws", "AWS::Region": "eu-west-1", "AWS::AccountId": "123456789012" },
  Flags: '{"a": [1]}',
};

describe("the definition in a template", () => {
  it("is the same text whether its placeholders are filled before or after it is compiled", () => {
    const { text, open } = compiled(ORDERS);
    expect(open.toSorted()).toEqual(Object.keys(VALUES).toSorted());
    expect(deployed(text, VALUES)).toEqual(attached(JSON.parse(fill(ORDERS, VALUES).text)));
    for (const name of Object.keys(VALUES)) {
      const [first, rest] = [{ [name]: VALUES[name as keyof typeof VALUES] }, { ...VALUES }];
      expect(deployed(compiled(ORDERS, first).text, rest)).toEqual(deployed(text, VALUES));
    }
  });

  it("is compiled to the same text each time, with Sluice's own placeholders for what a registration gives", () => {
    const { text } = compiled(ORDERS);
    expect(compiled(ORDERS).text).toBe(text);
    for (const name of Object.keys(REGISTERED)) expect(text).toContain(`\${${name}}`);
    expect(text).not.toMatch(/awsSluice|8100\d{4}|000000000000/);
    expect(text).toContain(`"literal": "\${!Kept}"`);
    expect(text).toContain(`"Resource": "\${ChargeFunction.Arn}"`);
  });

  it("keeps words and numbers that look like those that stand in", () => {
    const definition = {
      StartAt: "A",
      States: {
        A: {
          Type: "Pass",
          Result: { word: "awsSluice0z awsSluicex0z", number: 81_000_001, next: 81_010_001 },
          Next: "B",
        },
        B: { Type: "Wait", Seconds: "S", End: true },
      },
    };
    const text = JSON.stringify(definition).replace('"S"', `\${S}`);
    const { States } = deployed(compiled(text).text, { S: 7 }) as { States: Record<string, JsonObject> };
    expect(States["A"]).toMatchObject({ Result: definition.States.A.Result });
    expect(States["B"]).toMatchObject({ Seconds: 7 });
  });

  it("can be YAML, whose placeholders have no quotes", () => {
    const text = [
      "StartAt: Charge # ${NotThis}",
      "States:",
      "  Charge:",
      "    Type: Task",
      "    Resource: ${Charge}",
      "    HeartbeatSeconds: ${Beat}",
      "    Next: Note",
      "  Note: { Type: Pass, Result: { at: '${Beat}' }, End: true }",
    ].join("\n");
    expect(compiled(text).open).toEqual(["Charge", "Beat"]);
    const { States } = deployed(compiled(text).text, { Charge: CHARGE, Beat: 9 }) as {
      States: Record<string, JsonObject>;
    };
    expect(States["Charge"]).toMatchObject({ Resource: CHARGE, HeartbeatSeconds: 9 });
    expect(States["Note"]).toMatchObject({ Result: { at: "9" } });
  });

  it("is refused with the position in its own text, in its own words", () => {
    const wrong = ORDERS.replace('"Next": "Wait"', '"Next": "${Code}"');
    expect(errorsOf(wrong)).toEqual(
      expect.arrayContaining([
        expect.objectContaining({
          ...{ path: "States.Charge.Next", line: 10 },
          message: expect.stringContaining('"${Code}"'),
        }),
      ]),
    );
    expect(errorsOf(`{"StartAt": "\${Name}", "States": {"\${Name}": {"Type": "Succeed"}}}`)).toEqual([
      { path: "", message: expect.stringMatching(/name of a state cannot .* value of \$\{Name\}/) },
    ]);
    expect(errorsOf(compiled(ORDERS).text)).toEqual([
      { path: "", message: expect.stringContaining("already has gates") },
    ]);
    expect(errorsOf('{"StartAt": ')).toEqual([expect.objectContaining({ line: 1 })]);
  });
});
