import fc from "fast-check";
import { expect, it } from "vitest";
import { allItems } from "../../harness/ledger/stored-items.ts";
import { testStack } from "../../harness/stack/test-stack.ts";
import { brokenDefinitions, validDefinitions } from "./definitions.ts";
import { fuzz } from "./fuzz.ts";

/** The same each time, so that what fails is a change of the code; `npm run fuzz` takes another. */
const SEED = 1_126;

it("every request gets an answer that the contract allows, and a refusal writes nothing", async () => {
  const { sent, accepted, unclear, byOperation } = await fuzz({ count: 60, seed: SEED });
  expect(accepted / sent).toBeGreaterThan(0.5);
  expect(unclear / sent).toBeLessThan(0.05);
  expect(byOperation.size).toBeGreaterThan(12);
}, 120_000);

it("a valid flow is published; a broken one is refused with the field at fault and stores nothing", async () => {
  const stack = await testStack("work");
  const put = (definition: unknown) => stack.admin.call("PUT", "/flows/any", { definition, activate: true });
  try {
    await fc.assert(
      fc.asyncProperty(validDefinitions, async (definition) => {
        const { status, body } = await put(definition);
        expect([200, 201], JSON.stringify(body)).toContain(status);
      }),
      { numRuns: 8, seed: SEED },
    );
    await fc.assert(
      fc.asyncProperty(brokenDefinitions, async (definition) => {
        const before = (await allItems(stack.url)).length;
        const { status, body } = await put(definition);
        if (status < 300) return;
        expect([status, body["code"]], JSON.stringify(body)).toEqual([
          422,
          expect.stringMatching(/^invalid_/),
        ]);
        for (const { path, message } of body["errors"] as { path: string; message: string }[])
          expect([typeof path, message.length > 0]).toEqual(["string", true]);
        expect((await allItems(stack.url)).length).toBe(before);
      }),
      { numRuns: 15, seed: SEED },
    );
  } finally {
    await stack.close();
  }
}, 120_000);
