import { InvalidArgumentError, Option } from "commander";

export type VersionChoice = "same" | "latest" | number;

const versionOf = (value: string): VersionChoice => {
  if (value === "same" || value === "latest") return value;
  const number = Number(value);
  if (Number.isInteger(number) && number > 0) return number;
  throw new InvalidArgumentError("Expected same, latest or the number of a version.");
};

/** The option for the version on which runs continue. */
export const versionOption = (): Option =>
  new Option("--version <which>", "version on which to continue: same, latest or a number").argParser(
    versionOf,
  );
