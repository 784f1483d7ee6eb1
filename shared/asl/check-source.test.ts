import { describe, expect, it } from "vitest";
import { checkSource } from "./check-source.ts";

const check = (text: string, more: Partial<Parameters<typeof checkSource>[0]> = {}) =>
  checkSource({ text, allow: [], ...more });
const flow = (resource: string, rest = "") => `StartAt: One
States:
  One:
    Type: Task
    Resource: ${resource}
    TimeoutSeconds: \${Timeout}
    End: true${rest}
`;
const CHARGE = "arn:aws:lambda:eu-west-1:123456789012:function:charge";

describe("checking a flow without a service", () => {
  it("accepts what publishing accepts, and names the placeholders without a value", () => {
    expect(check(flow("${Charge}"))).toEqual({ ok: true, warnings: [], open: ["Charge", "Timeout"] });
    const substitutions = { Charge: CHARGE, Timeout: 5 };
    expect(check(flow("${Charge}"), { substitutions })).toEqual({ ok: true, warnings: [], open: [] });
  });

  it("accepts approvals, which only flows have", () => {
    const approval = flow('"arn:aws:lambda:eu-west-1:1:x"').replace(
      /Resource: .*/,
      'Resource: "arn:sluice:::approval"\n    Parameters: { Title: Approve }',
    );
    expect(check(approval)).toMatchObject({ ok: true });
  });

  it("refuses what is not allowed, with the place in the text, and allows what the deployment does", () => {
    const queue = flow('"arn:aws:states:::sqs:sendMessage"');
    expect(check(queue)).toMatchObject({
      ok: false,
      errors: [{ path: "States.One.Resource", line: 5, message: expect.stringContaining('"sqs"') }],
    });
    expect(check(queue, { allow: ["sqs"] })).toMatchObject({ ok: true });
  });

  it("names placeholders in errors as they are written", () => {
    const wrong = flow("${Charge}", "\n    Next: ${Charge}");
    const result = check(wrong, { substitutions: { Timeout: 1 } });
    expect(result.ok).toBe(false);
    expect(JSON.stringify(result)).not.toContain("awsSluice");
  });

  it("refuses a text that is neither JSON nor YAML", () => {
    expect(check("{ not: [json")).toMatchObject({ ok: false, errors: [{ line: 1 }] });
  });
});
