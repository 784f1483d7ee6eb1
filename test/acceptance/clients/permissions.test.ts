import { readFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { operations } from "../../../shared/model/api/openapi.ts";
import type { Operation } from "../../../shared/model/api/operation.ts";
import { type Answer, Client, tokenFor } from "../../harness/clients/client.ts";
import { tasks } from "../../harness/definitions.ts";
import {
  badBody,
  goodBody,
  type Ids,
  NOTHING,
  parametersOf,
  pathOf,
} from "../../harness/requests/operation-calls.ts";
import { stranger, type TestStack, testStack } from "../../harness/stack/test-stack.ts";

/** The expectation is the checked-in table of the docs, read without the code that generates it. */
const page = readFileSync(new URL("../../../docs/reference/permissions.md", import.meta.url), "utf8");
const [heads = [], , ...rows] = page
  .split("\n")
  .filter((line) => line.startsWith("| call |") || /^\| (---|`(GET|PUT|POST|DELETE) )/.test(line))
  .map((line) => line.split("|").slice(1, -1))
  .map((cells) => cells.map((cell) => cell.trim().replaceAll("`", "")));
const IDENTITIES = heads.slice(1);

const operationOf = (call: string): Operation => {
  const [method, path = ""] = call.split(" ");
  const whole = path.startsWith("/v1/") ? path : `/v1/workspaces/{workspace}${path}`;
  const found = operations.find((one) => one.method === method && one.path === whole);
  if (found === undefined) throw new Error(`The table names ${call}, which the API does not have`);
  return found;
};

/** The outcome of a call, in the table's words. */
const outcome = ({ status, body }: Answer): string => {
  const { code, detail } = body;
  if (status === 401) {
    expect(body).toEqual({ message: "Unauthorized" });
    return "401";
  }
  if (status === 403) expect(code).toBe("forbidden");
  const shutOut = status === 404 && String(detail).endsWith("that you belong to");
  if (status === 403 || shutOut) return String(status);
  expect([200, 204, 404, 422], JSON.stringify(body)).toContain(status);
  return "in";
};

describe("permissions", () => {
  let stack: TestStack;
  const clients = new Map<string, Client>();
  /** Items in the workspace, both those that the identity `member` owns and others'. */
  const ids: { own: Ids; others: Ids } = { own: {}, others: {} };

  const subjectOf = (identity: string) => {
    if (identity === "platform administrator") return { user: "platform" };
    if (identity === "no member") return { user: "somebody" };
    return identity.includes(":") ? { client: "machine", scopes: [identity] } : { user: identity };
  };
  beforeAll(async () => {
    stack = await testStack("work");
    await stack.admin.publish("flow", tasks("work"));
    await stack.admin.expect([200], "PUT", "/settings", { ownersMayResume: true });
    for (const identity of IDENTITIES) {
      if (identity === "no token") clients.set(identity, stranger(stack));
      else clients.set(identity, new Client(stack.url, await tokenFor(stack.url, subjectOf(identity))));
    }
    const runOf = async (user: string, userId: string): Promise<Ids> => {
      const { runId } = await (await stack.as(user)).dispatch("flow", {});
      await stack.operator.untilStatus(runId, "completed");
      const [step] = await stack.operator.steps(runId);
      return { runId, stepId: step?.stepId ?? "", flowId: "flow", version: "1", userId };
    };
    ids.own = await runOf("member", "member");
    ids.others = await runOf("operator", "viewer");
  });
  afterAll(() => stack.close());

  const call = async (identity: string, operation: Operation, known: Ids, body: unknown): Promise<Answer> => {
    const client = clients.get(identity);
    if (client === undefined) throw new Error(identity);
    return client.call(operation.method, pathOf(operation, "demo", known), body);
  };

  it("have a row for each operation", () => {
    expect(rows.length).toBe(operations.length);
  });

  it.each(rows.map(([name = "", ...cells]) => [name, cells] as const))("%s", async (name, cells) => {
    const operation = operationOf(name);
    // A permitted deletion must find nothing; every other change gets a body that it rejects.
    const gone = { flowId: "none", userId: "nobody", runId: NOTHING };
    const ask = async (identity: string, cell: string) => {
      const own = cell === "own" ? ids.own : ids.others;
      const known = operation.method === "DELETE" ? gone : own;
      const answer = await call(identity, operation, known, badBody(operation));
      const seen = parametersOf(operation).every((parameter) => parameter in known);
      if (operation.method === "GET" && seen && outcome(answer) === "in") expect(answer.status).toBe(200);
      return outcome(answer);
    };
    const answers = await Promise.all(IDENTITIES.map((identity, index) => ask(identity, cells[index] ?? "")));
    const expected = cells.map((cell) => (cell === "yes" || cell === "own" ? "in" : cell));
    expect(Object.fromEntries(IDENTITIES.map((identity, index) => [identity, answers[index]]))).toEqual(
      Object.fromEntries(IDENTITIES.map((identity, index) => [identity, expected[index]])),
    );
  });

  it.each(rows.filter((cells) => cells.includes("own") && /\{(runId|userId)\}/.test(cells[0] ?? "")))(
    "%s: only for one's own",
    async (name, ...cells) => {
      const operation = operationOf(name ?? "");
      for (const [index, identity] of IDENTITIES.entries()) {
        if (cells[index] !== "own") continue;
        const { status } = await call(identity, operation, ids.others, goodBody(operation));
        expect(status, identity).toBe(operation.id === "completeStep" ? 403 : 404);
      }
    },
  );
});
