/** Values by placeholder name, as in `DefinitionSubstitutions`. */
export type Substitutions = Readonly<Record<string, string | number | boolean>>;

/**
 * A placeholder. CloudFormation accepts any string as a name. Names of this form are those of template parameters, resources,
 * their attributes and pseudo parameters (`${Table}`, `${Function.Arn}`, `${AWS::Region}`). Other strings in `${…}` are
 * placeholders only if they have a value, since JSONata groups by `${key: value}`.
 */
const PLACEHOLDER = /\$\{(\w[\w,-]*(?:(?:\.|::)[\w,-]+)*)\}/g;
/** As in Fn::Sub: `${!Name}` becomes `${Name}`. */
const LITERAL = /\$\{!([^{}]*)\}/g;
const ANY = /\$\{([^!${}][^${}]*)\}/g;

export interface Placeholder {
  readonly name: string;
  readonly at: number;
}

export const placeholdersIn = (text: string): Placeholder[] =>
  [...text.matchAll(PLACEHOLDER)].map(({ 1: name = "", index }) => ({ name, at: index }));

/** Whether filling would leave the text unchanged. */
export const isPlain = (text: string): boolean => !text.includes("${");

/** A text produced from another one by replacements, with the origin of each of its characters. */
export class FilledText {
  readonly text: string;
  readonly #origin: ((offset: number) => number) | undefined;
  constructor(text: string, origin?: (offset: number) => number) {
    this.text = text;
    this.#origin = origin;
  }

  /** Returns the original offset of a character. Inside a value, that is the offset of its placeholder. */
  origin(offset: number): number {
    return this.#origin === undefined ? offset : this.#origin(offset);
  }

  /** Replaces matches with the result of `replacement`, and keeps those for which it returns undefined. */
  replace(pattern: RegExp, replacement: (inner: string, at: number) => string | undefined): FilledText {
    const pieces: string[] = [];
    const shifts: Shift[] = [];
    let done = 0;
    let length = 0;
    for (const match of this.text.matchAll(pattern)) {
      const value = replacement(match[1] ?? "", match.index);
      if (value === undefined) continue;
      pieces.push(this.text.slice(done, match.index), value);
      length += match.index - done;
      done = match.index + match[0].length;
      shifts.push({ from: length, to: length + value.length, at: match.index, next: done });
      length += value.length;
      if (length > MAX_CHARACTERS) throw new TooLong();
    }
    if (shifts.length === 0) return this;
    pieces.push(this.text.slice(done));
    return new FilledText(pieces.join(""), (offset) => this.origin(unshifted(shifts, offset)));
  }
}

/** A replacement: `from` to `to` in the new text is the value of the match that spans `at` to `next` in the old one. */
interface Shift {
  readonly from: number;
  readonly to: number;
  readonly at: number;
  readonly next: number;
}

const unshifted = (shifts: readonly Shift[], offset: number): number => {
  let [low, high] = [0, shifts.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((shifts[middle]?.from ?? 0) <= offset) low = middle + 1;
    else high = middle;
  }
  const last = shifts[low - 1];
  if (last === undefined) return offset;
  return offset < last.to ? last.at : last.next + (offset - last.to);
};

/** Values can contain placeholders, so a few of them could produce a text of any length. */
const MAX_CHARACTERS = 2 * 1024 * 1024;
export class TooLong extends Error {}

/** Values that contain each other in a cycle. */
export class Circular extends Error {
  readonly names: readonly string[];
  constructor(names: readonly string[]) {
    super("Circular substitutions");
    this.names = names;
  }
}

/**
 * Fills placeholders as CloudFormation does. It fills them in the text before it is parsed, so a value can be a number or an object if its
 * placeholder has no quotes. It does so repeatedly, so a value can contain placeholders. A name without a value is kept. Throws
 * `Circular` or `TooLong`.
 *
 * https://github.com/aws-cloudformation/aws-cloudformation-resource-providers-stepfunctions, `DefinitionProcessor`
 */
export const fill = (text: string, substitutions: Substitutions): FilledText => {
  const values = new Map(Object.entries(substitutions).map(([name, value]) => [name, String(value)]));
  let filled = new FilledText(text);
  if (values.size === 0) return filled;
  for (let round = 0; ; round++) {
    const names = new Set<string>();
    const next = filled.replace(ANY, (name) => {
      const value = values.get(name);
      if (value !== undefined) names.add(name);
      return value;
    });
    if (names.size === 0) return next;
    if (round > values.size) throw new Circular([...names]);
    filled = next;
  }
};

/** Writes `${!Name}` as `${Name}`. */
export const unescapeLiterals = (filled: FilledText): FilledText =>
  filled.replace(LITERAL, (name) => `\${${name}}`);

/** Replaces the placeholders that have no value. */
export const replaceOpen = (
  filled: FilledText,
  replacement: (name: string, at: number) => string,
): FilledText => filled.replace(PLACEHOLDER, replacement);
