import { type Command, InvalidArgumentError } from "commander";

export interface IfMatchOptions {
  readonly ifMatch?: number;
}

export const withIfMatch = (command: Command): Command =>
  command.option("--if-match <rev>", "act only if the rev is still this one", (text) => {
    const rev = /^"?(\d+)"?$/.exec(text)?.[1];
    if (rev === undefined) throw new InvalidArgumentError("Expected a rev, such as 3.");
    return Number(rev);
  });
