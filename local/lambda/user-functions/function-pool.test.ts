import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { FunctionPool } from "./function-pool.ts";
import { UserFunctions } from "./user-functions.ts";

/** The number of threads that functions share, as documented. */
const SHARED = 4;
let folder: string;
let pool: FunctionPool;
let functions: UserFunctions;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "function-pool-"));
  pool = new FunctionPool(() => ({ ...process.env, SHOP: "open" }), { patience: 1_000 });
  functions = new UserFunctions(folder, pool, 10_000);
});
afterEach(async () => {
  await pool.close();
  rmSync(folder, { recursive: true });
});

const write = (name: string, text: string): void => writeFileSync(join(folder, name), text);
async function invoke(name: string, event: unknown = {}, which = functions): Promise<unknown> {
  const outcome = await which.invoke(name, JSON.stringify(event));
  const payload = outcome && JSON.parse(outcome.payload);
  return outcome?.ok ? payload : payload?.errorMessage;
}
/** Writes and loads the function and others that share its thread. Returns the name of one of them. */
async function neighbourOf(name: string, text: string, neighbour: string): Promise<string> {
  write(`${name}.mjs`, text);
  await invoke(name, "load");
  for (let other = 1; other < SHARED; other++) {
    write(`filler${other}.mjs`, "export const handler = () => 1;");
    await invoke(`filler${other}`);
  }
  write("neighbour.mjs", neighbour);
  await invoke("neighbour", 0);
  return "neighbour";
}
const WAITS = `let calls = 0;
export const handler = async (wait) => {
  await new Promise((resolve) => setTimeout(resolve, wait));
  return ++calls;
};`;
/** Code that blocks the thread without using the processor. */
const SLEEP = "const sleep = () => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 20);";

describe("many functions", () => {
  it("share a few threads, and keep the state of their modules", async () => {
    const names = Array.from({ length: 20 }, (_, at) => `count${at}`);
    for (const name of names)
      write(`${name}.mjs`, "let calls = 0; export const handler = async () => ++calls;");
    const all = () => Promise.all(names.map((name) => invoke(name)));
    expect(await all()).toEqual(names.map(() => 1));
    expect(await all()).toEqual(names.map(() => 2));
    expect(pool.size).toBe(SHARED);
  });

  it("run side by side, however many there are", async () => {
    write("gate.mjs", "export const handler = async () => 1;");
    const names = Array.from({ length: 12 }, (_, at) => `meet${at}`);
    const met = join(folder, "met");
    mkdirSync(met);
    for (const name of names)
      write(
        `${name}.mjs`,
        `import { readdirSync, writeFileSync } from "node:fs";
         import { setTimeout } from "node:timers/promises";
         export const handler = async () => {
           writeFileSync(${JSON.stringify(join(met, name))}, "");
           while (readdirSync(${JSON.stringify(met)}).length < ${names.length}) await setTimeout(10);
           return "met";
         };`,
      );
    expect(await Promise.all(names.map((name) => invoke(name)))).toEqual(names.map(() => "met"));
  });

  it("have their own instances of what they import, and their own environment", async () => {
    write("helper.mjs", "let count = 0; export const next = () => ++count;");
    write("old.cjs", "let count = 0; exports.next = () => ++count;");
    const names = Array.from({ length: 6 }, (_, at) => `own${at}`);
    for (const name of names)
      write(
        `${name}.mjs`,
        `import { next } from "./helper.mjs"; import old from "./old.cjs";
         export const handler = async () => {
           const found = [next(), old.next(), process.env.SHOP, process.env.LEFT];
           process.env.LEFT = "by " + ${JSON.stringify(name)};
           process.env.SHOP = "closed";
           return found;
         };`,
      );
    for (const name of names) expect(await invoke(name)).toEqual([1, 1, "open", null]);
    for (const name of names) expect(await invoke(name)).toEqual([2, 2, "closed", `by ${name}`]);
  });

  it("write their lines under their own names", async () => {
    const written = vi.spyOn(process.stderr, "write").mockReturnValue(true);
    const names = Array.from({ length: 6 }, (_, at) => `say${at}`);
    for (const name of names)
      write(
        `${name}.mjs`,
        `export const handler = async () => { await null; process.stdout.write("half "); console.log("line"); };`,
      );
    await Promise.all(names.map((name) => invoke(name)));
    const lines = written.mock.calls.map(([text]) => String(text));
    written.mockRestore();
    expect(lines.sort()).toEqual(names.map((name) => `[${name}] half line\n`));
  });

  it("show traces with the names of their files", async () => {
    write("fails.mjs", `export const handler = () => { throw new Error("no"); };`);
    const outcome = await functions.invoke("fails", "1");
    expect(outcome?.payload).toContain(`${join(folder, "fails.mjs")}:1:`);
  });
});

describe("a function does not harm the others in its thread", () => {
  it("when it exits", async () => {
    const other = await neighbourOf(
      "exits",
      `export const handler = (how) => { if (how === "exit") process.exit(3); };`,
      WAITS,
    );
    const waiting = invoke(other, 300);
    expect(await invoke("exits", "exit")).toContain("exit status 3");
    expect(await waiting).toBe(2);
    expect(await invoke(other, 0)).toBe(1);
  });

  it("when it fails outside of its handler", async () => {
    const other = await neighbourOf(
      "late",
      `export const handler = (how) => how === "late" && new Promise(() => {
         setTimeout(() => { throw new TypeError("too late"); }, 10);
       });`,
      WAITS,
    );
    const waiting = invoke(other, 300);
    expect(await invoke("late", "late")).toBe("too late");
    expect(await waiting).toBe(2);
  });

  it("when it does not end in time", async () => {
    const other = await neighbourOf(
      "never",
      `export const handler = (how) => how === "never" && new Promise(() => {});`,
      WAITS,
    );
    const waiting = invoke(other, 900);
    const impatient = new UserFunctions(folder, pool, 300);
    expect(await invoke("never", "never", impatient)).toContain("Task timed out after 0.30 seconds");
    expect(await waiting).toBe(2);
  });

  it("when it blocks the thread: the others continue in another one", async () => {
    const other = await neighbourOf(
      "spins",
      `${SLEEP} export const handler = (how) => { while (how === "spin") sleep(); return how; };`,
      WAITS,
    );
    const impatient = new UserFunctions(folder, pool, 6_000);
    const spinning = invoke("spins", "spin", impatient);
    // The second call reaches the thread after it is blocked, and begins elsewhere.
    expect(await invoke(other, 0)).toBe(1);
    expect(await spinning).toContain("Task timed out after 6.00 seconds");
    expect(await invoke("spins", "works")).toBe("works");
    // The function that blocked a thread is alone in its next one.
    expect(await invoke(other, 0)).toBe(2);
  }, 20_000);

  it("when it uses up the memory", async () => {
    write(
      "leaks.mjs",
      "const all = []; export const handler = (leak) => { while (leak === true) all.push(new Array(1e5).fill(all.length)); return 1; };",
    );
    write("other.mjs", WAITS);
    await invoke("leaks", false);
    const other = invoke("other", 100);
    expect(await invoke("leaks", true)).toContain("Runtime exited");
    expect(await other).toBe(1);
    expect(await invoke("leaks", false)).toBe(1);
    expect(await invoke("other", 0)).toBe(2);
  }, 30_000);
});

it("has more threads while the shared ones are blocked, at most eight", async () => {
  const go = join(folder, "go");
  const names = Array.from({ length: 6 }, (_, at) => `blocks${at}`);
  for (const name of names)
    write(
      `${name}.mjs`,
      `import { existsSync } from "node:fs"; ${SLEEP}
       export const handler = () => { while (!existsSync(${JSON.stringify(go)})) sleep(); return "went"; };`,
    );
  write("fine.mjs", "export const handler = () => 1;");
  const blocking = names.map((name) => invoke(name));
  await vi.waitFor(() => expect(pool.size).toBeGreaterThan(SHARED), 9_000);
  expect(await invoke("fine")).toBe(1);
  expect(pool.size).toBeLessThanOrEqual(8);
  write("go", "");
  expect(await Promise.all(blocking)).toEqual(names.map(() => "went"));
}, 30_000);
