import { mkdtempSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { FunctionPool } from "./function-pool.ts";
import { UserFunctions } from "./user-functions.ts";

let folder: string;
let pool: FunctionPool;
let functions: UserFunctions;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "user-functions-"));
  pool = new FunctionPool(() => process.env);
  functions = new UserFunctions(folder, pool, 5_000);
});
afterEach(async () => {
  await pool.close();
  rmSync(folder, { recursive: true });
});

const write = (name: string, text: string): void => writeFileSync(join(folder, name), text);
async function invoke(name: string, event: unknown = {}): Promise<unknown> {
  const outcome = await functions.invoke(name, JSON.stringify(event));
  return outcome && { ...outcome, payload: JSON.parse(outcome.payload) };
}
const ok = (payload: unknown) => ({ ok: true, payload });
const failed = (errorType: string, errorMessage: unknown) => ({
  ok: false,
  errorType,
  payload: { errorType, errorMessage, trace: expect.any(Array) },
});

it("runs TypeScript, with Lambda's context", async () => {
  write(
    "add.ts",
    `interface Event { a: number; b: number }
     export const handler = async (event: Event, context: any) => ({
       sum: event.a + event.b, name: context.functionName, arn: context.invokedFunctionArn,
       id: typeof context.awsRequestId, left: context.getRemainingTimeInMillis() > 4000 });`,
  );
  expect(await invoke("add", { a: 2, b: 40 })).toEqual(
    ok({
      sum: 42,
      name: "add",
      arn: "arn:aws:lambda:us-east-1:000000000000:function:add",
      id: "string",
      left: true,
    }),
  );
});

it("uses a changed file, and a changed import of it, at the next call", async () => {
  write("greeting.ts", `export const greeting = "hello";`);
  write("greet.ts", `import { greeting } from "./greeting.ts"; export const handler = () => greeting;`);
  expect(await invoke("greet")).toEqual(ok("hello"));
  write("greeting.ts", `export const greeting = "good day";`);
  expect(await invoke("greet")).toEqual(ok("good day"));
  write("greet.ts", `export const handler = () => "bye";`);
  expect(await invoke("greet")).toEqual(ok("bye"));
  renameSync(join(folder, "greet.ts"), join(folder, "other.ts"));
  expect(await invoke("greet")).toBeUndefined();
  expect(await invoke("other")).toEqual(ok("bye"));
});

it("lets a call finish in the version in which it began", async () => {
  write(
    "slow.ts",
    `export const handler = (wait) => new Promise((resolve) => setTimeout(() => resolve("old"), wait));`,
  );
  await invoke("slow", 0);
  const first = invoke("slow", 400);
  write("slow.ts", `export const handler = () => "new";`);
  expect(await invoke("slow")).toEqual(ok("new"));
  expect(await first).toEqual(ok("old"));
});

it("runs invocations in parallel", async () => {
  write(
    "meet.mjs",
    `let here = 0; let all;
     const everybody = new Promise((resolve) => { all = resolve; });
     export const handler = async () => { if (++here === 3) all(); await everybody; return here; };`,
  );
  expect(await Promise.all([invoke("meet"), invoke("meet"), invoke("meet")])).toEqual([ok(3), ok(3), ok(3)]);
});

it("reports errors as Lambda does", async () => {
  write(
    "fail.js",
    `class PaymentDeclined extends Error { name = "PaymentDeclined"; }
     export const handler = (how) => {
       if (how === "named") throw new PaymentDeclined("no funds");
       if (how === "text") throw "just text";
       if (how === "bigint") return 1n;
       if (how === "exit") process.exit(3);
       if (how === "quit") process.exit(0);
       if (how === "late") { setTimeout(() => { throw new TypeError("too late"); }, 1); return new Promise(() => {}); }
       if (how === "nothing") return undefined;
       if (how === "function") return () => 1;
     };`,
  );
  expect(await invoke("fail", "named")).toEqual(failed("PaymentDeclined", "no funds"));
  expect(await invoke("fail", "text")).toEqual(failed("string", "just text"));
  expect(await invoke("fail", "bigint")).toEqual(failed("Error", "Unable to stringify response body"));
  expect(await invoke("fail", "exit")).toEqual(
    failed("Runtime.ExitError", expect.stringContaining("exit status 3")),
  );
  expect(await invoke("fail", "quit")).toEqual(
    failed("Runtime.ExitError", expect.stringContaining("without providing a reason")),
  );
  expect(await invoke("fail", "late")).toEqual(failed("TypeError", "too late"));
  expect(await invoke("fail", "nothing")).toEqual(ok(null));
  expect(await invoke("fail", "function")).toEqual(ok(null));
});

it("reports a file that cannot be loaded, and continues once it is fixed", async () => {
  write("broken.ts", "export const handler = (;");
  expect(await invoke("broken")).toEqual(failed("Runtime.UserCodeSyntaxError", expect.any(String)));
  write("broken.ts", "import './none.ts'; export const handler = () => 1;");
  expect(await invoke("broken")).toEqual(
    failed("Runtime.ImportModuleError", expect.stringContaining("none.ts")),
  );
  write("broken.ts", "export const other = 1;");
  expect(await invoke("broken")).toEqual(failed("Runtime.HandlerNotFound", expect.any(String)));
  write("broken.ts", "export const handler = () => 1;");
  expect(await invoke("broken")).toEqual(ok(1));
});

it.each([
  [
    "TypeScript",
    "cut.ts",
    "export const handler = async (order: { id: string }) => {\n  return { id: order.id ;\n};",
    2,
  ],
  [
    "an ES module",
    "cut.mjs",
    "export const handler = async (order) => {\n\n  return { id: order.id ;\n};",
    3,
  ],
  ["CommonJS", "cut.cjs", "exports.handler = async () => {\n  return { id: 1 ;\n};", 2],
  ["a missing export", "cut.js", `export const ready = true;\nimport { none } from "node:fs";`, 2],
])(
  "names file and line of a syntax error in %s, also where another file imports it",
  async (_, file, code, line) => {
    write(file, code);
    write("caller.ts", `import "./${file}"; export const handler = () => 1;`);
    const place = expect.stringMatching(`^SyntaxError: .*${join(folder, file)}:${line}\\)$`);
    for (const name of file.endsWith(".cjs") ? ["caller"] : ["cut", "caller"])
      expect(await invoke(name)).toEqual(failed("Runtime.UserCodeSyntaxError", place));
  },
);

it("ends an invocation that takes too long, and works again", async () => {
  functions = new UserFunctions(folder, pool, 300);
  write(
    "hang.mts",
    `export const handler = (event: string) => (event === "hang" ? new Promise(() => {}) : "fine");`,
  );
  expect(await invoke("hang", "hang")).toEqual(
    failed("Sandbox.Timedout", expect.stringContaining("Task timed out after 0.30 seconds")),
  );
  expect(await invoke("hang", "no")).toEqual(ok("fine"));
});

it("finds only functions in its folder", async () => {
  expect(functions.has("../secret")).toBe(false);
  expect(new UserFunctions(undefined, pool, 1_000).has("anything")).toBe(false);
  write("a.ts", "");
  write("b.mjs", "");
  write("c.d.ts", "");
  write("notes.txt", "");
  expect(functions.names()).toEqual(["a", "b"]);
});
