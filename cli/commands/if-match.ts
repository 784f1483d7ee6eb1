import { type Command, InvalidArgumentError } from "commander";

export interface IfMatchOptions {
  readonly ifMatch?: string;
}

export const withIfMatch = (command: Command): Command =>
  command.option("--if-match <rev>", "only if the rev is still this one", (text) => {
    const rev = /^"?(\d+)"?$/.exec(text)?.[1];
    if (rev === undefined) throw new InvalidArgumentError("It must be a rev, such as 3.");
    return `"${rev}"`;
  });
