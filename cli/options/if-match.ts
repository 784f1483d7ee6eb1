import { type Command, InvalidArgumentError } from "commander";

export interface IfMatchOptions {
  /** Without it, any revision matches. */
  readonly ifMatch?: number;
}

export const withIfMatch = (command: Command): Command =>
  command.option("--if-match <rev>", "act only if the rev is still this one", (text) => {
    const rev = /^"?(\d+)"?$/.exec(text)?.[1];
    if (rev === undefined) throw new InvalidArgumentError("Expected a rev, such as 3.");
    return Number(rev);
  });

/** The call's condition. Without the option, the call applies to any revision. */
export const condition = ({ ifMatch }: IfMatchOptions): number | "any" => ifMatch ?? "any";
