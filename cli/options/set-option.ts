import { usage } from "../failure.ts";

/** Reads `Name=value`. The value can be empty and can contain `=`. */
export const setOption = (
  text: string,
  earlier: Readonly<Record<string, string>> = {},
): Record<string, string> => {
  const at = text.indexOf("=");
  if (at < 1) throw usage(`--set needs Name=value, not ${text}.`);
  return { ...earlier, [text.slice(0, at)]: text.slice(at + 1) };
};
