import { Option } from "commander";
import { usage } from "../failure.ts";

/** Reads `Name=value`. The value can be empty and can contain `=`. */
const addValue = (text: string, earlier: Readonly<Record<string, string>> = {}): Record<string, string> => {
  const at = text.indexOf("=");
  if (at < 1) throw usage(`--set needs Name=value, not ${text}.`);
  return { ...earlier, [text.slice(0, at)]: text.slice(at + 1) };
};

/** The option for the values of a definition's placeholders. */
export const setOption = (more = ""): Option =>
  new Option("--set <Name=value>", `value of a placeholder \${Name}${more} (repeatable)`).argParser(addValue);
