import { errorLine } from "../show/error-line.ts";
import type { FlowResult } from "./flow-result.ts";

const ESCAPES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "\n": "&#10;",
  "\t": "&#9;",
  "\r": "&#13;",
};

/** Escapes a text for an attribute or an element. Characters that XML does not have become U+FFFD. */
const escaped = (text: string): string =>
  text
    .toWellFormed()
    // biome-ignore lint/suspicious/noControlCharactersInRegex: XML 1.0 has no other control characters
    .replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g, "\ufffd")
    .replace(/[&<>"\n\t\r]/g, (character) => ESCAPES[character] ?? character);

const testCase = ({ flowId, file, errors }: FlowResult): string => {
  const failures = errors.map(
    (error) =>
      `      <failure message="${escaped(error.message)}">${escaped(errorLine(file, error))}</failure>\n`,
  );
  const attributes = `classname="flows" name="${escaped(flowId)}" file="${escaped(file)}"`;
  return failures.length === 0
    ? `    <testcase ${attributes}/>\n`
    : `    <testcase ${attributes}>\n${failures.join("")}    </testcase>\n`;
};

/** A JUnit report with a test case for each flow. */
export const junitReport = (suite: string, results: readonly FlowResult[]): string => {
  const failed = results.filter(({ errors }) => errors.length > 0).length;
  const counts = `name="${escaped(suite)}" tests="${results.length}" failures="${failed}"`;
  return `<?xml version="1.0" encoding="UTF-8"?>
<testsuites ${counts}>
  <testsuite ${counts}>
${results.map(testCase).join("")}  </testsuite>
</testsuites>
`;
};
