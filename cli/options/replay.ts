import { type Command, Option } from "commander";

/** Adds the options that say where a replay begins. */
export const withReplayOptions = (command: Command): Command =>
  command
    .option("--from <where>", "start (default), failed-step or the name of a state")
    .addOption(
      new Option(
        "--version <which>",
        "version of the flow; by default latest, or same for a replay from a step",
      ).choices(["same", "latest"]),
    );
