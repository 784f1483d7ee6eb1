import { Option } from "commander";
import { usage } from "../failure.ts";

type Values = Readonly<Record<string, string>>;

/** Reads `name=value` of a repeatable option. The value can be empty and can contain `=`. */
export const addValue =
  (option: string) =>
  (text: string, earlier: Values = {}): Values => {
    const at = text.indexOf("=");
    if (at < 1) throw usage(`${option} needs name=value, not ${text}.`);
    return { ...earlier, [text.slice(0, at)]: text.slice(at + 1) };
  };

/** The option for the values of a definition's placeholders. */
export const setOption = (more = ""): Option =>
  new Option("--set <Name=value>", `value of a placeholder \${Name}${more} (repeatable)`).argParser(
    addValue("--set"),
  );
