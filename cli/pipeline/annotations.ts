import type { FlowResult } from "./flow-result.ts";

const data = (text: string): string =>
  text.replaceAll("%", "%25").replaceAll("\r", "%0D").replaceAll("\n", "%0A");
const property = (text: string | number): string =>
  data(String(text)).replaceAll(":", "%3A").replaceAll(",", "%2C");

const command = (
  kind: "error" | "warning",
  properties: Readonly<Record<string, string | number | undefined>>,
  message: string,
): string => {
  const given = Object.entries(properties).flatMap(([name, value]) =>
    value === undefined ? [] : [`${name}=${property(value)}`],
  );
  return `::${kind} ${given.join(",")}::${data(message)}`;
};

/** Returns annotations of a GitHub workflow. GitHub shows them at the lines of a pull request. */
export const annotations = (results: readonly FlowResult[]): readonly string[] =>
  results.flatMap(({ flowId: title, file, errors, warnings }) => [
    ...errors.map(({ path, message, line, column: col }) =>
      command("error", { file, line, col, title }, path === "" ? message : `${path}: ${message}`),
    ),
    ...warnings.map((warning) => command("warning", { file, title }, warning)),
  ]);
