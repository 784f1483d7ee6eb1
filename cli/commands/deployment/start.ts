import type { Command } from "commander";
import { LOCAL_STACK_OPTIONS, type LocalStackOption } from "../../../shared/model/local-stack-options.ts";
import { perform } from "../command.ts";

export const addStart = (program: Command): void => {
  const command = program
    .command("start")
    .description("Run the local stack: the API, the console and AWS services on this machine")
    .addHelpText(
      "after",
      "\nExamples:\n  $ sluice start\n  $ sluice start --flows flows --functions functions --data :memory:",
    );
  for (const [name, option] of Object.entries<LocalStackOption>(LOCAL_STACK_OPTIONS))
    command.option(`--${name} <${option.value}>`, option.meaning, option.default);
  command.action(
    perform<Readonly<Record<string, string>>, []>(async ({ terminal }, options) => {
      const { findNode24 } = await import("../../start/node-24.ts");
      const { runLocalStack } = await import("../../start/run-local-stack.ts");
      const node = await findNode24((line) => terminal.say(line));
      return runLocalStack(
        node,
        Object.entries(options).flatMap(([name, value]) => [`--${name}`, value]),
      );
    }),
  );
};
