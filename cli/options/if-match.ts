import { type Command, InvalidArgumentError } from "commander";

export interface IfMatchOptions {
  /** Absent: any. */
  readonly ifMatch?: number;
}

export const withIfMatch = (command: Command): Command =>
  command.option("--if-match <rev>", "act only if the rev is still this one", (text) => {
    const rev = /^"?(\d+)"?$/.exec(text)?.[1];
    if (rev === undefined) throw new InvalidArgumentError("Expected a rev, such as 3.");
    return Number(rev);
  });

/** The condition of a call: without the option, it applies whatever the revision is. */
export const condition = ({ ifMatch }: IfMatchOptions): number | "any" => ifMatch ?? "any";
