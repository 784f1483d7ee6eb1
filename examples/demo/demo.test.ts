import { describe, expect, it, vi } from "vitest";
import { compose } from "../../local/sluice/compose.ts";
import { buildStack } from "../../local/stack/stack.ts";
import { runDemo } from "./demo.ts";

describe("the demo", () => {
  it("returns 0 if every check passes", async () => {
    const said: string[] = [];
    vi.spyOn(console, "log").mockImplementation((...words: unknown[]) => void said.push(words.join(" ")));
    const code = await runDemo();
    vi.restoreAllMocks();
    expect([code, said.filter((line) => line.includes("✗"))]).toEqual([0, []]);
    expect(said.filter((line) => line.startsWith("\nOrder A-"))).toHaveLength(21);
  });

  it("returns 1 if the gate is disabled: it is called, but steps that it refuses run anyway", async () => {
    vi.spyOn(console, "log").mockImplementation(() => undefined);
    const code = await runDemo((options) => {
      const composition = compose();
      const gate = composition.functions["sluice-gate"];
      const open: NonNullable<typeof gate> = async (event, context) => {
        try {
          return await gate?.(event, context);
        } catch {
          return {};
        }
      };
      return buildStack(options, {
        ...composition,
        functions: { ...composition.functions, "sluice-gate": open },
      });
    });
    vi.restoreAllMocks();
    expect(code).toBe(1);
  });
});
