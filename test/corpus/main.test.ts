import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

const program = fileURLToPath(new URL("main.ts", import.meta.url));
const nap = { Nap: { Type: "Wait", Seconds: 60, End: true } };

describe("npm run corpus", { timeout: 60_000 }, () => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), "corpus-test-"));
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  const run = (content: string) => {
    const file = join(folder, "flows.json");
    writeFileSync(file, content);
    const { status, stdout, stderr } = spawnSync(process.execPath, [program, file], { encoding: "utf8" });
    return { status, lines: stdout.trim().split("\n"), stderr };
  };
  const flows = (...all: readonly object[]) => run(JSON.stringify(all));

  it("ends with a line of numbers, and exits with 0 if AWS refuses all missing flows too", () => {
    const { status, lines } = flows(
      { id: "plain", text: JSON.stringify({ StartAt: "Nap", States: nap }) },
      {
        id: "filled",
        text: "StartAt: Nap\nStates:\n  Nap: { Type: Wait, Seconds: ${Seconds}, End: true }\n",
        filled: { StartAt: "Nap", States: { Nap: { Type: "Wait", Seconds: 60, End: true } } },
      },
      { id: "broken", text: JSON.stringify({ StartAt: "Absent", States: nap }) },
    );
    expect(lines.at(-1)).toBe(
      "3 flows: 1 as they stand, 1 filled, 2 ran as without Sluice, 1 refused by AWS too",
    );
    expect(lines.join("\n")).toMatch(/Refused by AWS too:\n {2}broken\n {4}.*Absent/);
    expect(status).toBe(0);
  });

  it("exits with 1 and the reason if it refuses a flow that AWS accepts", () => {
    // Flows may not call Sluice's own functions.
    const own = {
      Type: "Task",
      Resource: "arn:aws:lambda:eu-west-1:111122223333:function:sluice-gate",
      End: true,
    };
    const { status, lines } = flows({
      id: "own",
      text: JSON.stringify({ StartAt: "Own", States: { Own: own } }),
    });
    expect(lines.join("\n")).toMatch(/^Refused:\n {2}own\n {4}States.Own.Resource: .*Sluice's own functions/);
    expect(lines.at(-1)).toBe(
      "1 flows: 0 as they stand, 0 filled, 0 ran as without Sluice, 0 refused by AWS too",
    );
    expect(status).toBe(1);
  });

  it.each([["{"], ["{}"], ['[{"id": "x"}]']])("ends with 2 for %s", (content) => {
    const { status, stderr } = run(content);
    expect(status).toBe(2);
    expect(stderr).toContain("flows.json");
  });
});
