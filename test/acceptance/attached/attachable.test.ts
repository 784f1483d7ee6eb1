import { TagResourceCommand, UntagResourceCommand } from "@aws-sdk/client-sfn";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startLocalStack } from "../../../local/start.ts";
import { chain, task } from "../../harness/definitions.ts";
import { allItems } from "../../harness/ledger/stored-items.ts";
import { Team, type TeamMachine } from "../../harness/stack/team-machine.ts";
import { stackOf, type TestStack } from "../../harness/stack/test-stack.ts";

const ORDERS = JSON.stringify(chain({ one: task("one") }), null, 2);

describe("with the machines that may be attached named, as on AWS", { timeout: 60_000 }, () => {
  let stack: TestStack;
  let team: Team;
  beforeAll(async () => {
    stack = await stackOf(["one"], (options) =>
      startLocalStack({ ...options, attachable: ["orders-*", "billing"] }),
    );
    team = new Team(stack.url);
  });
  afterAll(() => stack.close());

  const attach = (flowId: string, { arn }: TeamMachine, more: object = {}) =>
    stack.admin.call("POST", `/flows/${flowId}/attach`, { stateMachineArn: arn, ...more });
  const stored = async () =>
    new Map((await allItems(stack.url)).map((item) => [`${item["PK"]} ${item["SK"]}`, item]));

  /** Expects the attach, dry or not, to be refused with such a detail, and to write nothing. */
  const refused = async (flowId: string, machine: TeamMachine, detail: RegExp): Promise<void> => {
    const before = await stored();
    const text = await machine.text();
    for (const more of [{}, { force: true }, { dryRun: true }]) {
      const answer = await attach(flowId, machine, more);
      expect(answer).toMatchObject({ status: 409, body: { code: "attach_refused" } });
      expect(answer.body["detail"]).toMatch(detail);
    }
    expect(await machine.text()).toBe(text);
    expect(await stored()).toEqual(before);
  };

  it("refuses a machine of another name, and one without the tag of the workspace", async () => {
    const tags = { "sluice:workspace": "demo" };
    const foreign = await team.create("payroll", ORDERS, tags);
    await refused("payroll", foreign, /may not attach the state machine payroll\. Ask the deployer/);
    await refused("billing", await team.create("billing2", ORDERS, tags), /may not attach/);
    const untagged = await team.create("orders-eu", ORDERS);
    await refused("orders", untagged, /sluice:workspace/);
    const others = await team.create("orders-us", ORDERS, { "sluice:workspace": "another" });
    await refused("orders", others, /sluice:workspace/);
    for (const name of ["sluice-drain", "sluice-demo-abcdefghijklmnop"])
      expect(
        (await attach("own", { arn: untagged.arn.replace("orders-eu", name) } as TeamMachine)).body,
      ).toMatchObject({ code: "attach_refused" });
  });

  it("attaches a machine once its owner has tagged it, to one flow alone, and lets its tag be taken away", async () => {
    const machine = await team.create("billing", ORDERS);
    const resourceArn = machine.arn;
    const tag = { key: "sluice:workspace", value: "demo" };
    await team.client.send(new TagResourceCommand({ resourceArn, tags: [tag] }));
    expect((await attach("billing", machine, { dryRun: true })).status).toBe(200);
    expect(await machine.text()).toBe(ORDERS);
    expect(await attach("billing", machine)).toMatchObject({ status: 200, body: { version: 1 } });
    await refused("another", machine, /already attached to the flow billing/);
    await team.client.send(new UntagResourceCommand({ resourceArn, tagKeys: [tag.key] }));
    await refused("billing", machine, /sluice:workspace/);
    expect((await stack.admin.call("POST", "/flows/billing/detach", {})).status).toBe(200);
    expect(await machine.text()).toBe(ORDERS);
  });

  it("names the key that hides a machine's text from it, and writes nothing", async () => {
    const tags = { "sluice:workspace": "demo" };
    const machine = await team.create("orders-secret", ORDERS, tags);
    const keyArn = "arn:aws:kms:us-east-1:000000000000:key/1234abcd-12ab-34cd-56ef-1234567890ab";
    await machine.encrypt(keyArn);
    const before = await stored();
    const denied = { service: "states", operation: "DescribeStateMachine", when: "before", times: 1 };
    for (const dryRun of [false, true]) {
      await stack.admin.expect([200], "POST", "/local/faults", {
        ...denied,
        error: "KmsAccessDeniedException",
      });
      const answer = await attach("secret", machine, { dryRun });
      const report = { missingGrants: [{ action: "kms:Decrypt", resource: keyArn }] };
      expect(answer).toMatchObject(
        dryRun
          ? { status: 200, body: { report } }
          : { status: 409, body: { code: "grants_missing", report } },
      );
    }
    expect(await stored()).toEqual(before);
    expect((await attach("secret", machine)).status).toBe(200);
  });
});
