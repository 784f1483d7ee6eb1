/** A condition with one part of it weaker than the code wrote it. */
export interface Weakened {
  /** The weakened condition, such as `rev >= :rev` or `without attribute_not_exists(deleted)`. */
  readonly part: string;
  /** The text of the code that the part is of: the same clause may be in several conditions. */
  readonly of: string;
  readonly text: string;
}
type Weaker = Omit<Weakened, "of">;

/** Whether DynamoDB can order the value of this name: numbers and strings, not flags and lists. */
export type IsOrdered = (name: string) => boolean;

/** Splits an expression at a word outside parentheses. */
const splitAt = (text: string, word: "AND" | "OR"): string[] => {
  const parts: string[] = [];
  let depth = 0;
  let start = 0;
  for (let at = 0; at < text.length; at += 1) {
    if (text[at] === "(") depth += 1;
    if (text[at] === ")") depth -= 1;
    if (depth > 0 || !text.startsWith(` ${word} `, at)) continue;
    parts.push(text.slice(start, at));
    start = at + word.length + 2;
  }
  return [...parts, text.slice(start)];
};

/** Whether the first parenthesis encloses the whole text. */
const isEnclosed = (text: string): boolean => {
  if (!text.startsWith("(")) return false;
  let depth = 0;
  for (let at = 0; at < text.length; at += 1) {
    if (text[at] === "(") depth += 1;
    if (text[at] === ")") depth -= 1;
    if (depth === 0) return at === text.length - 1;
  }
  return false;
};

/** Always true. It still names everything that the part names, since DynamoDB refuses names and values that nothing uses. */
const always = (part: string): string => {
  const whole = isEnclosed(part) ? part : `(${part})`;
  return `(${whole} OR attribute_exists(PK) OR attribute_not_exists(PK))`;
};

const WEAKER: readonly (readonly [string, string])[] = [
  [" = ", " >= "],
  [" < ", " <= "],
  [" > ", " >= "],
];

const weakerComparisons = (leaf: string, isOrdered: IsOrdered): Weaker[] =>
  WEAKER.filter(([strict]) => leaf.includes(strict) && isOrdered(leaf.slice(leaf.indexOf(":")))).map(
    ([strict, weak]) => {
      const text = leaf.replace(strict, weak);
      return { part: text, text };
    },
  );

/** Weakens a part of a clause. A whole clause is not left out here. */
const inside = (text: string, isOrdered: IsOrdered): Weaker[] => {
  if (isEnclosed(text))
    return inside(text.slice(1, -1), isOrdered).map((one) => ({ ...one, text: `(${one.text})` }));
  for (const word of ["OR", "AND"] as const) {
    const parts = splitAt(text, word);
    if (parts.length === 1) continue;
    return parts.flatMap((part, index) => {
      const left = word === "AND" ? [{ part: `without ${part}`, text: always(part) }] : [];
      return [...left, ...inside(part, isOrdered)].map((one) => ({
        part: one.part,
        text: parts.map((other, at) => (at === index ? one.text : other)).join(` ${word} `),
      }));
    });
  }
  return weakerComparisons(text, isOrdered);
};

/** Returns the condition with each of its parts weakened, one at a time: a comparison that holds more often, a part left out. */
export const weakened = (condition: string, isOrdered: IsOrdered): Weakened[] => {
  const clauses = splitAt(condition, "OR").length > 1 ? [condition] : splitAt(condition, "AND");
  const put = (at: number, text: string) => clauses.map((one, i) => (i === at ? text : one)).join(" AND ");
  return clauses.flatMap((clause, at) => [
    { part: `without ${clause}`, of: condition, text: put(at, always(clause)) },
    ...inside(clause, isOrdered).map(({ part, text }) => ({ part, of: clause, text: put(at, text) })),
  ]);
};
