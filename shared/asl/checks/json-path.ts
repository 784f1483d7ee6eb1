const ROOT = /\$\$|\$(?:[\p{ID_Start}_][\p{ID_Continue}]*)?/uy;
/** A backslash takes the special meaning from the next character (ASL specification, "Reference Paths"). */
const NAME = /(?:\\.|[^\s.,[\]()'"\\])+/uy;
const FUNCTION = /(?:length|size|min|max|avg|sum|stddev|first|last|keys|index|append|concat)\(/y;
const QUOTED = String.raw`(?:'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*")`;
const INDEX = /^-?\d+$/;
const QUOTED_NAME = new RegExp(`^${QUOTED}$`, "s");
const LISTS = [
  /^\*$/,
  /^-?\d+(?:\s*,\s*-?\d+)+$/,
  /^(?:-?\d+)?\s*:\s*(?:-?\d+)?(?:\s*:\s*(?:-?\d+)?)?$/,
  /^\(\s*@\.length\s*-\s*\d+\s*\)$/,
  new RegExp(`^${QUOTED}(?:\\s*,\\s*${QUOTED})+$`, "s"),
];

export interface PathRules {
  /** A reference path identifies exactly one node: no wildcard, slice, list, filter, function or `..`. */
  readonly reference?: boolean;
  /** Whether the path can begin with `$$` or a variable. */
  readonly inputOnly?: boolean;
}

/**
 * Returns why a string is not a JSONPath, or undefined if it is one. The grammar is that of Step Functions, which uses the
 * Jayway library: https://docs.aws.amazon.com/step-functions/latest/dg/amazon-states-language-paths.html and
 * https://github.com/json-path/JsonPath#operators. asl-validator does not support filters with `!=`, `&&`, `||`, `!`, decimals
 * or nested members, slices with a step, `$..[?()]`, several names in brackets, escapes, or functions.
 */
export function pathError(text: string, rules: PathRules = {}): string | undefined {
  const path = text.trim();
  const root = matchAt(ROOT, path, 0);
  if (root === undefined) return "it must begin with $.";
  if (rules.inputOnly === true && root !== "$") return "it must refer to the input, so it must begin with $.";
  let at = root.length;
  while (at < path.length) {
    const step = readStep(path, at);
    if (typeof step === "string") return step;
    if (rules.reference === true && !step.definite)
      return `"${path.slice(at, step.end)}" can select several values, but this field needs a path to one.`;
    at = step.end;
  }
  return undefined;
}

interface Step {
  readonly end: number;
  /** Whether the step leads to exactly one node. */
  readonly definite: boolean;
}

function readStep(path: string, start: number): Step | string {
  const descent = path.startsWith("..", start);
  const at = descent ? start + 2 : path[start] === "." ? start + 1 : start;
  if (path[at] === "[") {
    const step = readBrackets(path, at);
    return typeof step === "string" ? step : { ...step, definite: step.definite && !descent };
  }
  if (at === start) return `"${path.slice(start, start + 20)}" is not expected here.`;
  if (path[at] === "*") return { end: at + 1, definite: false };
  const call = matchAt(FUNCTION, path, at);
  if (call !== undefined) {
    const end = closing(path, at + call.length - 1);
    return end === undefined ? "a parenthesis is not closed." : { end, definite: false };
  }
  const name = matchAt(NAME, path, at);
  return name === undefined
    ? "a name is missing after a dot. Names with special characters need brackets and quotes."
    : { end: at + name.length, definite: !descent };
}

function readBrackets(path: string, start: number): Step | string {
  const end = closing(path, start);
  if (end === undefined) return "a bracket is not closed.";
  const content = path.slice(start + 1, end - 1).trim();
  if (INDEX.test(content) || QUOTED_NAME.test(content)) return { end, definite: true };
  if (LISTS.some((form) => form.test(content))) return { end, definite: false };
  const filter = /^\?\s*\((.*)\)$/s.exec(content)?.[1];
  if (filter === undefined) return `"[${content}]" is not an index, a name in quotes, a slice or a filter.`;
  const error = filterError(filter);
  return error === undefined ? { end, definite: false } : `the filter "${filter}" is not valid: ${error}`;
}

/** The position after the bracket that closes the one at `start`; undefined if there is none. */
function closing(path: string, start: number): number | undefined {
  let depth = 0;
  for (let at = start; at < path.length; at++) {
    const character = path[at] ?? "";
    if (character === "\\") at++;
    else if (character === "'" || character === '"') {
      const quoted = matchAt(STRING, path, at);
      if (quoted === undefined) return undefined;
      at += quoted.length - 1;
    } else if (character === "[" || character === "(") depth++;
    else if ((character === "]" || character === ")") && --depth === 0) return at + 1;
  }
  return undefined;
}

const STRING = new RegExp(QUOTED, "sy");
const OPERATOR = /==|!=|<=|>=|=~|<|>|&&|\|\||(?:in|nin|subsetof|anyof|noneof|contains|size|empty)\b/iy;
const REGULAR_EXPRESSION = /\/(?:[^/\\]|\\.)+\/[a-z]*/iy;
/** Step Functions also accepts strings without quotes in filters. */
const WORD = /[\w.+-]+/uy;

/** Checks that operands and operators alternate. */
function filterError(text: string): string | undefined {
  let at = 0;
  let depth = 0;
  let operandNext = true;
  for (;;) {
    at += /^\s*/.exec(text.slice(at, at + 1_000))?.[0].length ?? 0;
    if (at >= text.length) break;
    if (operandNext) {
      if (text[at] === "!" || text[at] === "(") {
        if (text[at] === "(") depth++;
        at++;
        continue;
      }
      const end = operandEnd(text, at);
      if (end === undefined) return `"${text.slice(at, at + 20)}" is not a value.`;
      at = end;
      operandNext = false;
    } else if (text[at] === ")") {
      depth--;
      at++;
    } else {
      const operator = matchAt(OPERATOR, text, at);
      if (operator === undefined) return `"${text.slice(at, at + 20)}" is not an operator.`;
      at += operator.length;
      operandNext = true;
    }
    if (depth < 0) break;
  }
  if (depth !== 0) return "its parentheses do not match.";
  return operandNext ? "it ends where a value is expected." : undefined;
}

function operandEnd(text: string, start: number): number | undefined {
  if (text[start] === "@" || text[start] === "$") {
    let at = start + 1;
    while (text[at] === "." || text[at] === "[") {
      const step = readStep(text, at);
      if (typeof step === "string") return undefined;
      at = step.end;
    }
    return at;
  }
  if (text[start] === "[" || text[start] === "{") return jsonEnd(text, start);
  const literal = [STRING, REGULAR_EXPRESSION, WORD].map((form) => matchAt(form, text, start)).find(Boolean);
  return literal === undefined ? undefined : start + literal.length;
}

function jsonEnd(text: string, start: number): number | undefined {
  if (text[start] === "[") return closing(text, start);
  const end = text.indexOf("}", start);
  return end < 0 ? undefined : end + 1;
}

function matchAt(pattern: RegExp, text: string, at: number): string | undefined {
  pattern.lastIndex = at;
  return pattern.exec(text)?.[0];
}
