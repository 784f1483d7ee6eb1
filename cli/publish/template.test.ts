import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { whatToPublish } from "./what-to-publish.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "template-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const write = (name: string, text: string): string => {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
};
const publication = (template: string, more: Partial<Parameters<typeof whatToPublish>[0]> = {}) =>
  whatToPublish({ first: "orders", second: undefined, template, set: {}, asStandard: false, ...more });
const ofTemplate = (text: string, more = {}) => publication(write("template.yaml", text), more);

const machine = (properties: string, type = "AWS::StepFunctions::StateMachine") =>
  `Resources:\n  Orders:\n    Type: ${type}\n    Properties:\n${properties.replace(/^(?=.)/gm, "      ")}`;

describe("a Definition that is an object", () => {
  const properties = `Definition:
  # charges the card
  StartAt: Charge
  States:
    Charge:
      Type: Task
      Resource: !GetAtt Charge.Arn
      Parameters:
        Table: {Ref: Table}
        Topic:
          Fn::Sub:
            - arn:\${AWS::Partition}:sns:\${Where}:\${!Literal}
            - Where: !Ref AWS::Region
        Query: !Sub |
          SELECT *
          FROM \${Table}
      End: true
DefinitionSubstitutions:
  Seconds: 9
  Flag: true
  Charge: !GetAtt Charge.Arn
`;

  it("is cut out of the template, line by line, with placeholders for values that only a deployment knows", async () => {
    const { definition, substitutions, unknown } = await ofTemplate(machine(properties));
    expect(definition.text).toBe(
      `StartAt: Charge
States:
  Charge:
    Type: Task
    Resource: "\${Charge.Arn}"
    Parameters:
      Table: "\${Table}"
      Topic:
        "arn:\${AWS::Partition}:sns:\${AWS::Region}:\${!Literal}"


      Query: "SELECT *\\nFROM \${Table}\\n"


    End: true
`,
    );
    expect(substitutions).toEqual({ Seconds: "9", Flag: "true" });
    expect([...unknown]).toEqual([
      ["Charge", expect.stringMatching(/template\.yaml:25:17: !GetAtt Charge\.Arn$/)],
    ]);
  });

  it("maps a position in the definition back to the template", async () => {
    const { definition } = await ofTemplate(machine(properties));
    const template = machine(properties).split("\n");
    const lines = definition.text.split("\n");
    for (const [index, line] of lines.entries()) {
      const at = /\S/.exec(line)?.index;
      if (at === undefined) continue;
      const place = definition.place?.({ line: index + 1, column: at + 1 });
      const found = template[(place?.line ?? 0) - 1]?.slice((place?.column ?? 0) - 1);
      expect(found?.split(/[ "]/)[0]).toBe(line.includes("arn:") ? "Fn::Sub:" : line.trim().split(/[ "]/)[0]);
    }
  });

  it("is read from JSON too, as CDK and CloudFormation write it", async () => {
    const json = JSON.stringify(
      {
        Resources: {
          Orders: {
            Type: "AWS::StepFunctions::StateMachine",
            Properties: {
              Definition: { StartAt: "A", States: { A: { Type: "Succeed", Comment: { Ref: "Stage" } } } },
            },
          },
        },
      },
      null,
      2,
    );
    const { definition } = await publication(write("template.json", json));
    expect(JSON.parse(definition.text)).toEqual({
      StartAt: "A",
      States: { A: { Type: "Succeed", Comment: "${Stage}" } },
    });
    const line = definition.text.split("\n").findIndex((each) => each.includes("Comment")) + 1;
    expect(definition.place?.({ line, column: 1 })).toMatchObject({
      line: json.split("\n").findIndex((each) => each.includes("Comment")) + 1,
    });
  });

  it("rejects functions that only a deployment can evaluate, at their position", async () => {
    const conditional = "Definition:\n  StartAt: !If [IsProd, A, B]\n";
    await expect(ofTemplate(machine(conditional))).rejects.toThrow(
      /template\.yaml:6:18: !If \[IsProd, A, B\] has/,
    );
  });
});

describe("a DefinitionString", () => {
  it("is a block of text, whose lines are those of the template", async () => {
    const { definition } = await ofTemplate(
      machine('DefinitionString: !Sub |\n  {\n    "StartAt": "${Start}",\n    "States": {}\n  }\n'),
    );
    expect(definition.text).toBe('{\n  "StartAt": "${Start}",\n  "States": {}\n}\n');
    expect(definition.place?.({ line: 2, column: 3 })).toEqual({ line: 7, column: 11 });
  });

  it("is a join of literals and references, as CDK writes it", async () => {
    const joined = {
      "Fn::Join": [
        "",
        ['{"StartAt":"A","States":{"A":{"Resource":"', { "Fn::GetAtt": ["Fn1", "Arn"] }, '"}}}'],
      ],
    };
    const template = {
      Orders: { Type: "AWS::StepFunctions::StateMachine", Properties: { DefinitionString: joined } },
    };
    const { definition } = await publication(
      write("cdk.template.json", JSON.stringify({ Resources: template })),
    );
    expect(definition.text).toBe('{"StartAt":"A","States":{"A":{"Resource":"${Fn1.Arn}"}}}');
  });

  it("fills what Fn::Sub leaves for the machine's own substitutions", async () => {
    const { definition, substitutions } = await ofTemplate(
      machine("DefinitionString: !Sub 'a: ${!Own} ${!Other}'\nDefinitionSubstitutions:\n  Own: mine\n"),
    );
    expect([definition.text, substitutions]).toEqual(["a: ${Own} ${!Other}", { Own: "mine" }]);
  });
});

describe("a definition in another file", () => {
  it("is read from the template's folder", async () => {
    write("orders.asl.json", '{"StartAt": "${Start}"}');
    const sam = machine("DefinitionUri: ./orders.asl.json\n", "AWS::Serverless::StateMachine");
    const { definition } = await ofTemplate(sam);
    expect(definition).toEqual({ text: '{"StartAt": "${Start}"}', file: join(folder, "orders.asl.json") });
  });

  it("can be CDK's copy in the template's folder, but not an object in S3", async () => {
    const inS3 = machine("DefinitionS3Location:\n  Bucket: b\n  Key: abc.json\n");
    await expect(ofTemplate(inS3)).rejects.toThrow(
      /template\.yaml:6:9: The DefinitionS3Location of Orders is in S3/,
    );
    write("asset.abc.json", "{}");
    expect((await ofTemplate(inS3)).definition.text).toBe("{}");
    await expect(
      ofTemplate(machine("DefinitionUri: s3://b/k\n", "AWS::Serverless::StateMachine")),
    ).rejects.toThrow(/in S3/);
  });

  it("can be a file from the command line, with the template's values", async () => {
    const file = write("mine.asl.yaml", "a: ${Seconds}");
    const { flowId, definition, substitutions } = await ofTemplate(
      machine("DefinitionS3Location: {Bucket: b, Key: k}\nDefinitionSubstitutions: {Seconds: 9}\n"),
      { first: file },
    );
    expect([flowId, definition.text, substitutions]).toEqual(["mine", "a: ${Seconds}", { Seconds: "9" }]);
  });
});

describe("values", () => {
  it("come from the command line, the machine, then the defaults of parameters", async () => {
    const template = `Parameters:
  Stage: {Type: String, Default: dev}
  Unused: {Type: String, Default: secret, NoEcho: true}
${machine("DefinitionString: !Sub '${Stage} ${Own}'\nDefinitionSubstitutions:\n  Own: mine\n  Table: !Sub 'orders-${Stage}'\n")}`;
    expect((await ofTemplate(template)).substitutions).toEqual({
      Stage: "dev",
      Own: "mine",
      Table: "orders-dev",
    });
    const set = { Stage: "prod", Own: "yours" };
    expect((await ofTemplate(template, { set })).substitutions).toEqual({ ...set, Table: "orders-prod" });
  });
});

it("require the machine's name if there are several, and list them", async () => {
  const two = `${machine("Definition: {a: 1}\n")}  Bills:\n    Type: AWS::Serverless::StateMachine\n    Properties: {Definition: {b: 1}}\n`;
  await expect(ofTemplate(two)).rejects.toThrow("--resource: Orders, Bills");
  await expect(ofTemplate(two, { resource: "Nobody" })).rejects.toThrow("It has: Orders, Bills");
  expect((await ofTemplate(two, { resource: "Bills" })).definition.text).toBe("{b: 1}");
  await expect(ofTemplate("Resources: {}")).rejects.toThrow("has no state machine");
  await expect(ofTemplate("Resources:\n\t- a")).rejects.toThrow(
    /template\.yaml:2:1: The template is not valid YAML/,
  );
});

it("turn an EXPRESS machine into a STANDARD flow only on request", async () => {
  const express = machine("Definition: {a: 1}\nStateMachineType: EXPRESS\n");
  await expect(ofTemplate(express)).rejects.toThrow(/--machine-type STANDARD/);
  expect((await ofTemplate(express, { asStandard: true })).definition.text).toBe("{a: 1}");
});
