import { mkdtempSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { LocalStack } from "../../../local/stack/stack.ts";
import { startLocalStack } from "../../../local/start.ts";
import type { FlowVersion } from "../../../shared/model/schemas/flow.ts";

/** `npm start -- --flows DIR`: files are published as they are, and again when they change. */
describe("a folder of flows", () => {
  let folder: string;
  let stack: LocalStack | undefined;
  let said: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "flows-"));
    said = "";
    vi.spyOn(process.stderr, "write").mockImplementation((text) => {
      // Test files share a process: lines from another file's stack do not count.
      if (String(text).includes(folder)) said += text;
      return true;
    });
  });
  afterEach(async () => {
    vi.restoreAllMocks();
    await stack?.close();
    rmSync(folder, { recursive: true });
  });

  const path = (name: string) => join(folder, name);
  const write = (name: string, text: string) => writeFileSync(path(name), text);
  const start = async () => {
    stack = await startLocalStack({ port: 0, data: ":memory:", flows: folder });
    const { url } = stack;
    const token = await fetch(`${url}/local/token`, {
      method: "POST",
      body: JSON.stringify({ user: "admin" }),
    });
    const { accessToken } = (await token.json()) as { accessToken: string };
    return async (flowId: string): Promise<FlowVersion[]> => {
      const headers = { authorization: `Bearer ${accessToken}` };
      const base = `${url}/v1/workspaces/demo/flows/${flowId}/versions`;
      const list = await fetch(base, { headers });
      if (!list.ok) return [];
      const { items } = (await list.json()) as { items: FlowVersion[] };
      return Promise.all(
        items.map(
          async ({ version }) =>
            (await (await fetch(`${base}/${version}`, { headers })).json()) as FlowVersion,
        ),
      );
    };
  };
  const yaml = (seconds: string) =>
    `StartAt: Pause\nStates:\n  Pause:\n    Type: Wait\n    Seconds: ${seconds}\n    End: true\n`;
  const eventually = (check: () => unknown) => vi.waitFor(check, { timeout: 10_000, interval: 20 });

  it("is published at the start, with substitutions, and a broken file does not stop the others", async () => {
    write("in-json.asl.json", '{"StartAt": "A", "States": {"A": {"Type": "Succeed"}}}');
    write("in-yaml.asl.yml", yaml("${Seconds}"));
    write("in-yaml.substitutions.json", '{"Seconds": 9}');
    write("open.asl.yaml", yaml("${Seconds}"));
    write("twin.asl.json", '{"StartAt": "A", "States": {"A": {"Type": "Succeed"}}}');
    write("twin.asl.yaml", yaml("1"));
    write("cut.asl.json", '{"StartAt": "A",\n "States": ');
    write("values.asl.json", "{}");
    write("values.substitutions.json", '{\n "A": }');
    write("notes.json", "{}");
    const versions = await start();
    expect((await versions("in-json")).map(({ definition }) => definition?.["StartAt"])).toEqual(["A"]);
    expect((await versions("in-yaml")).map(({ substitutions }) => substitutions)).toEqual([{ Seconds: 9 }]);
    expect(await versions("twin")).toHaveLength(1);
    expect(said.trim().split("\n").sort()).toEqual([
      expect.stringMatching(`^${path("cut.asl.json")}:2:12: A value is missing`),
      expect.stringMatching(
        `^${path("open.asl.yaml")}:5:14: States\\.Pause\\.Seconds: \\$\\{Seconds\\} has no value`,
      ),
      expect.stringMatching(
        `^${path("twin.asl.yaml")}: ${path("twin.asl.json")} publishes the flow twin already`,
      ),
      expect.stringMatching(`^${path("values.substitutions.json")}:2:7: A value is missing`),
    ]);
  });

  it("is published again when a file changes; a broken file leaves the active version and reports the position", async () => {
    write("watched.asl.yaml", yaml("1"));
    const versions = await start();
    write("watched.asl.yaml", yaml("2"));
    await eventually(() => expect(said).toContain("published as version 2 of watched"));
    write("watched.asl.yaml", yaml("-2"));
    await eventually(() => expect(said).toMatch(/watched\.asl\.yaml:5:14: States\.Pause\.Seconds: /));
    expect((await versions("watched")).map(({ version, active }) => [version, active])).toEqual([
      [2, true],
      [1, false],
    ]);
    // This is how editors save: to another file, which then replaces the first.
    write("watched.tmp", yaml("3"));
    renameSync(path("watched.tmp"), path("watched.asl.yaml"));
    await eventually(() => expect(said).toContain("published as version 3 of watched"));
    write("new.asl.json", '{"StartAt": "A", "States": {"A": {"Type": "Succeed"}}}');
    await eventually(async () => expect(await versions("new")).toHaveLength(1));
    expect(said.match(/:5:14:/g)).toHaveLength(1);
  });
});
