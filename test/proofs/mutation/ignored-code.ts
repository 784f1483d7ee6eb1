/** The parts of Babel's syntax tree that are examined. */
interface Node {
  readonly type: string;
  readonly name?: string;
  readonly callee?: Node;
  readonly object?: Node;
  readonly property?: Node;
}

const nameOf = (node: Node | undefined): string | undefined => node?.name ?? node?.property?.name;

/** Returns why mutants of this code are ignored; undefined for all other code. */
const shouldIgnore = ({ node }: { readonly node: Node }): string | undefined => {
  const { type, callee } = node;
  if (type === "CallExpression" && nameOf(callee?.object) === "log") return "A log line changes no behavior.";
  if (type === "NewExpression" && callee?.name === "Error")
    return "The message of an internal error is only logged.";
  return undefined;
};

/** Stryker finds its plugins under this name. */
export const strykerPlugins = [{ kind: "Ignore", name: "logged-texts", value: { shouldIgnore } }];
