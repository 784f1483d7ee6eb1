import { type Node, parseTree } from "jsonc-parser";

export interface FoundProblem {
  readonly from: number;
  readonly to: number;
  readonly message: string;
}

/**
 * Locates an error of the server in the text. Its paths join names by dots (`States.Charge.Next`, `Choices[0]`), and names
 * may contain dots, so the longest matching name is taken at each object. A missing field is located at its parent.
 */
export const locate = (
  text: string,
  problem: { readonly path: string; readonly message: string },
): FoundProblem => {
  const root = parseTree(text);
  const node = root === undefined ? undefined : descend(root, problem.path);
  const at = node ?? root;
  if (at === undefined) return { from: 0, to: Math.min(1, text.length), message: problem.message };
  const name = at.parent?.type === "property" ? at.parent.children?.[0] : undefined;
  // Underlining its name says more than underlining a whole object.
  const shown = at.type === "object" || at.type === "array" ? (name ?? at) : at;
  return { from: shown.offset, to: shown.offset + Math.min(shown.length, 200), message: problem.message };
};

const descend = (node: Node, path: string): Node => {
  if (path === "") return node;
  if (node.type === "array") {
    const index = /^\[(\d+)\]\.?/.exec(path);
    const child = index === null ? undefined : node.children?.[Number(index[1])];
    return index === null || child === undefined ? node : descend(child, path.slice(index[0].length));
  }
  if (node.type !== "object") return node;
  const fitting = (node.children ?? [])
    .flatMap(({ children }) => {
      const [key, value] = children ?? [];
      return key === undefined || value === undefined ? [] : [{ key: String(key.value), value }];
    })
    .filter(({ key }) => path === key || path.startsWith(`${key}.`) || path.startsWith(`${key}[`))
    .sort((a, b) => b.key.length - a.key.length)[0];
  return fitting === undefined
    ? node
    : descend(fitting.value, path.slice(fitting.key.length).replace(/^\./, ""));
};
