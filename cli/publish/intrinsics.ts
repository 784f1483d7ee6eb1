import { isMap, isScalar, isSeq, type ParsedNode, type YAMLMap } from "yaml";
import { keyOf, type TemplateFile } from "./template-file.ts";

/** A CloudFormation function, in its long or short form. */
export interface Intrinsic {
  /** `Ref` or `Fn::…`. */
  readonly name: string;
  readonly argument: ParsedNode;
  /** As the author wrote it, shortened. */
  readonly shown: string;
}

const CORE_TAG = /^tag:yaml\.org|^!!/;

export const intrinsicIn = (template: TemplateFile, node: ParsedNode): Intrinsic | undefined => {
  const { tag } = node;
  if (typeof tag === "string" && tag.startsWith("!") && !CORE_TAG.test(tag)) {
    const short = tag.slice(1);
    const name = short === "Ref" || short === "Condition" ? short : `Fn::${short}`;
    return { name, argument: node, shown: shownIn(template, node, `${tag} `) };
  }
  if (!isMap(node) || node.items.length !== 1) return undefined;
  const [pair] = (node as YAMLMap.Parsed).items;
  const name = pair === undefined ? "" : keyOf(pair.key);
  const argument = template.followed(pair?.value);
  if (argument === undefined || !(name === "Ref" || name.startsWith("Fn::"))) return undefined;
  return { name, argument, shown: shownIn(template, node, "") };
};

const MAX_SHOWN = 60;
const shownIn = (template: TemplateFile, { range }: ParsedNode, before: string): string => {
  const text = `${before}${template.text.slice(range[0], range[1])}`.replace(/\s+/g, " ").trim();
  return text.length > MAX_SHOWN ? `${text.slice(0, MAX_SHOWN)}…` : text;
};

/**
 * Returns the text that a value comes to, with a placeholder for each part that only a deployment knows: `${Table}` for
 * `!Ref Table`, `${Table.Arn}` for `!GetAtt Table.Arn`. Undefined for functions that have no such text.
 *
 * @param isSubstitution whether a name is among the machine's DefinitionSubstitutions
 */
export const textOf = (
  template: TemplateFile,
  value: ParsedNode,
  isSubstitution: (name: string) => boolean,
): string | undefined => {
  const node = template.followed(value);
  if (node === undefined) return undefined;
  const inner = (part: ParsedNode) => textOf(template, part, isSubstitution);
  const intrinsic = intrinsicIn(template, node);
  if (intrinsic === undefined) return isScalar(node) && node.value !== null ? String(node.value) : undefined;
  const { name, argument } = intrinsic;
  if (name === "Ref") return isScalar(argument) ? `\${${argument.value}}` : undefined;
  if (name === "Fn::GetAtt") {
    const parts = isSeq(argument)
      ? argument.items.map((item) => inner(item as ParsedNode))
      : [scalar(argument)];
    return parts.every((part) => part !== undefined) ? `\${${parts.join(".")}}` : undefined;
  }
  if (name === "Fn::Join") {
    if (!isSeq(argument)) return undefined;
    const [delimiter, list] = argument.items.map((item) => template.followed(item as ParsedNode));
    if (!isSeq(list) || list.tag?.startsWith("!") || delimiter === undefined) return undefined;
    const parts = list.items.map((item) => inner(item as ParsedNode));
    return parts.every((part) => part !== undefined) ? parts.join(scalar(delimiter) ?? "") : undefined;
  }
  if (name === "Fn::Sub") return substituted(template, argument, inner, isSubstitution);
  return undefined;
};

const scalar = (node: ParsedNode | undefined): string | undefined =>
  isScalar(node) ? String(node.value) : undefined;

/** Fn::Sub writes `${!Name}` as `${Name}`, which a substitution of the machine's own then fills. */
const substituted = (
  template: TemplateFile,
  argument: ParsedNode,
  inner: (part: ParsedNode) => string | undefined,
  isSubstitution: (name: string) => boolean,
): string | undefined => {
  const [pattern, variables] = isSeq(argument)
    ? argument.items.map((item) => template.followed(item as ParsedNode))
    : [argument];
  const text = scalar(pattern);
  if (text === undefined) return undefined;
  let isKnown = true;
  const result = text.replace(/\$\{(!?)([^{}]*)\}/g, (whole, literal: string, name: string) => {
    if (literal !== "") return isSubstitution(name) ? `\${${name}}` : whole;
    const variable = template.field(variables, name.trim());
    if (variable === undefined) return `\${${name.trim()}}`;
    const value = inner(variable);
    if (value === undefined) isKnown = false;
    return value ?? "";
  });
  return isKnown ? result : undefined;
};
