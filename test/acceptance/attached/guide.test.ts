import { readFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { parse } from "yaml";
import { fill } from "../../../shared/asl/source/substitutions.ts";
import { compileTemplate } from "../../../shared/asl/template.ts";
import type { Registered } from "../../../shared/model/api/responses.ts";
import { eventually } from "../../harness/clients/client.ts";
import { chain, lambdaArn, task } from "../../harness/definitions.ts";
import { runOf, Team } from "../../harness/stack/team-machine.ts";
import { type TestStack, testStack } from "../../harness/stack/test-stack.ts";

const PAGE = readFileSync(new URL("../../../docs/flows/your-own-state-machine.md", import.meta.url), "utf8");
/** The page's only block in a language. */
const blockIn = (language: string): string => {
  const blocks = [...PAGE.matchAll(/^```(\w+)\n(.*?)^```$/gms)].filter(([, found]) => found === language);
  expect(blocks).toHaveLength(1);
  return blocks[0]?.[2] ?? "";
};

/** The file that the guide calls `orders.asl.json`. */
const ORDERS = JSON.stringify(
  chain({ one: task("one", { Resource: "${ChargeFunction}" }), two: task("two") }),
);
const CHARGE = lambdaArn("one");

type Values = Readonly<Record<string, string>>;
type Intrinsic = { readonly Ref?: string; readonly GetAtt?: string; readonly Sub?: string };

interface SamTemplate {
  readonly Parameters: Readonly<Record<string, { readonly Type: string }>>;
  readonly Resources: {
    readonly Orders: {
      readonly Type: string;
      readonly Properties: {
        readonly DefinitionUri: string;
        readonly DefinitionSubstitutions: Readonly<Record<string, Intrinsic>>;
        readonly Policies: readonly [
          object,
          {
            readonly Statement: readonly {
              readonly Action: string;
              readonly Resource: readonly Intrinsic[];
            }[];
          },
        ];
        readonly Tags: Values;
      };
    };
  };
}

describe("the templates of the guide to your own state machine", { timeout: 60_000 }, () => {
  let stack: TestStack;
  let values: Values;
  let compiled: string;
  beforeAll(async () => {
    stack = await testStack("one", "two");
    const registered = await stack.admin.expect<Registered>([200], "POST", "/flows/orders/register", {
      definition: ORDERS,
    });
    ({ values } = registered);
    const result = compileTemplate({ text: ORDERS, flowId: "orders" });
    if (!result.ok) throw new Error(JSON.stringify(result.errors));
    compiled = result.text;
  });
  afterAll(() => stack.close());

  /** The template's values, as CloudFormation resolves them for the parameters that `sluice flows register` prints. */
  const resolved = (one: Intrinsic): string => {
    if (one.Ref !== undefined) return values[one.Ref] ?? `no parameter ${one.Ref}`;
    if (one.GetAtt === "Charge.Arn") return CHARGE;
    const pseudo: Values = { Partition: "aws", Region: "us-east-1", AccountId: "000000000000" };
    return String(one.Sub).replaceAll(
      /\$\{(AWS::)?(\w+)\}/g,
      (_all, aws, name: string) => (aws === undefined ? values : pseudo)[name] ?? `no ${name}`,
    );
  };
  const samTemplate = (): SamTemplate => {
    const tag = (name: string) => ({ tag: `!${name}`, resolve: (value: string) => ({ [name]: value }) });
    return parse(blockIn("yaml"), { customTags: ["Ref", "GetAtt", "Sub"].map(tag) });
  };
  const samText = (): string => {
    const { DefinitionSubstitutions } = samTemplate().Resources.Orders.Properties;
    const filled = Object.entries(DefinitionSubstitutions).map(([name, one]) => [name, resolved(one)]);
    return fill(compiled, Object.fromEntries(filled)).text;
  };

  it("are a SAM template with every parameter, which deploys a machine that can be paused and resumed", async () => {
    const { Parameters, Resources } = samTemplate();
    expect(Object.keys(Parameters).sort()).toEqual(Object.keys(values).sort());
    const { Type, Properties } = Resources.Orders;
    expect([Type, Properties.DefinitionUri]).toEqual(["AWS::Serverless::StateMachine", "orders.sluice.json"]);
    const [statement] = Properties.Policies[1].Statement;
    expect(statement?.Action).toBe("lambda:InvokeFunction");
    expect(statement?.Resource.map(resolved)).toEqual([
      lambdaArn("sluice-gate:ws-demo"),
      lambdaArn("sluice-park:ws-demo"),
    ]);
    expect(Object.keys(Properties.Tags)).toEqual(["sluice:workspace"]);

    const machine = await new Team(stack.url).create("orders", samText());
    await stack.admin.expect([200], "POST", "/flows/orders/bind", { stateMachineArn: machine.arn });
    stack.functions.block("one");
    const arn = await machine.start({ order: 1 });
    await eventually(() => stack.functions.count("one") > 0 || undefined);
    const { runId } = await runOf(stack.operator, arn);
    expect((await stack.operator.act(runId, "pause")).status).toBe(200);
    stack.functions.release("one");
    await stack.operator.until(runId, ({ parkedAt }) => parkedAt !== undefined);
    expect(stack.functions.count("two")).toBe(0);
    expect((await stack.operator.act(runId, "resume")).status).toBe(200);
    expect(await machine.ended(arn)).toMatchObject({
      status: "SUCCEEDED",
      output: '{"order":1,"one":1,"two":1}',
    });
  });

  it("are a Terraform resource whose `templatefile` gives the same definition", () => {
    const source = blockIn("hcl");
    const [, file, names] =
      /definition = templatefile\("([^"]+)", merge\(var\.sluice, \{ (\w+) = aws_lambda_function\.charge\.arn \}\)\)/.exec(
        source,
      ) ?? [];
    expect([file, names]).toEqual(["orders.sluice.json", "ChargeFunction"]);
    // `variable "sluice" { type = map(string) }` takes the values as they are printed.
    for (const value of Object.values(values)) expect(typeof value).toBe("string");
    // Terraform evaluates every `${…}` and `%{…}` of the file, and only names of its variables have a value.
    const variables: Values = { ...values, ChargeFunction: CHARGE };
    expect(compiled).not.toContain("%{");
    const filled = compiled.replaceAll(/\$\{(.*?)\}/g, (_all, name: string) => {
      expect(Object.keys(variables)).toContain(name);
      return variables[name] ?? "";
    });
    expect(JSON.parse(filled)).toEqual(JSON.parse(samText()));
  });
});
