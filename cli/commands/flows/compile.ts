import { writeFileSync } from "node:fs";
import type { Command } from "commander";
import { EXIT } from "../../failure.ts";
import { setOption } from "../../options/set-option.ts";
import { visible } from "../../terminal/style.ts";
import { offlineLeaf, perform } from "../command.ts";
import { whenUnreachableOption } from "./flow-settings.ts";

interface CompileOptions {
  readonly flow?: string;
  readonly set?: Readonly<Record<string, string>>;
  readonly whenUnreachable?: "pass" | "fail";
  readonly out?: string;
}

/** Adds the command that puts gates into a definition that a template deploys. */
export const addCompile = (program: Command): void => {
  offlineLeaf(
    program,
    "compile <file>",
    "Put gates into the definition of a state machine that your template deploys. Needs no account and no service; the same file always gives the same result. - reads stdin. Then register it: sluice flows register",
    "sluice compile orders.asl.json --out orders.sluice.json",
    "sluice compile statemachine/definition.asl.yaml --flow orders --set Attempts=3 > orders.sluice.json",
  )
    .option("--flow <flowId>", "id of the flow; without it, the name of the file: orders.asl.json")
    .addOption(setOption("; without one, the placeholder stays"))
    .addOption(whenUnreachableOption())
    .option("--out <file>", "write the result to a file")
    .action(
      perform<CompileOptions, [string]>(async ({ terminal }, options, file) => {
        // Loaded here, because only this command needs the compiler.
        const { compileFile } = await import("../../publish/compile-file.ts");
        const { flow, set = {}, whenUnreachable, out } = options;
        const { flowId, text, warnings, open } = await compileFile({ file, flow, set, whenUnreachable });
        for (const warning of warnings) terminal.say(`warning: ${visible(warning)}`);
        if (out !== undefined) writeFileSync(out, `${text}\n`);
        const answer = { flowId, definition: text, placeholders: open, warnings };
        if (terminal.json || out === undefined) terminal.result(answer, () => text);
        else terminal.say(`Wrote ${out}, with gates of the flow ${flowId}.`);
        return EXIT.ok;
      }),
    );
};
