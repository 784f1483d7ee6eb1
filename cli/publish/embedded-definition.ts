import { isAlias, isMap, isScalar, isSeq, type ParsedNode, Scalar, type YAMLMap } from "yaml";
import { usage } from "../failure.ts";
import { intrinsicIn, textOf } from "./intrinsics.ts";
import type { DefinitionSource, Place } from "./source.ts";
import type { TemplateFile } from "./template-file.ts";

/** Text of the template that reads differently in the definition. */
interface Replacement {
  readonly from: number;
  readonly to: number;
  readonly text: string;
}

/** Reads the definition at a node of a template. `isSubstitution` tells the placeholders that get a value when a flow is published. */
type DefinitionReader = (
  template: TemplateFile,
  node: ParsedNode,
  isSubstitution: (name: string) => boolean,
) => DefinitionSource;

/**
 * Cuts a definition that is an object out of its template, line by line, so that errors keep their positions. CloudFormation
 * functions become strings with placeholders.
 */
export const objectDefinition: DefinitionReader = (template, node, isSubstitution) => {
  const replacements = replacementsIn(template, node, isSubstitution);
  const [from, to] = node.range;
  const pieces: string[] = [];
  let done = from;
  for (const replacement of replacements) {
    const cut = template.text.slice(replacement.from, replacement.to);
    // Keeps the line numbers after a function of several lines.
    const lines = "\n".repeat(cut.split("\n").length - 1);
    pieces.push(template.text.slice(done, replacement.from), replacement.text, lines);
    done = replacement.to;
  }
  pieces.push(template.text.slice(done, to));
  const start = template.placeOf(from);
  const indentation = start.column - 1;
  const lines = pieces.join("").split("\n");
  const cuts = lines.map((line, index) =>
    index === 0 ? indentation : Math.min(indentation, /^ */.exec(line)?.[0].length ?? 0),
  );
  const text = lines.map((line, index) => (index === 0 ? line : line.slice(cuts[index]))).join("\n");
  return {
    ...{ text, file: template.file },
    place: ({ line, column }: Place) => ({
      line: line + start.line - 1,
      column: column + (cuts[line - 1] ?? 0),
    }),
  };
};

const replacementsIn = (
  template: TemplateFile,
  root: ParsedNode,
  isSubstitution: (name: string) => boolean,
): Replacement[] => {
  const found: Replacement[] = [];
  const visit = (node: ParsedNode | null): void => {
    if (node === null) return;
    const intrinsic = intrinsicIn(template, node);
    if (intrinsic !== undefined) {
      const text = textOf(template, node, isSubstitution);
      if (text === undefined) {
        throw usage(
          `${template.at(node)}: ${intrinsic.shown} has a value only after a deployment. Put a placeholder into the definition instead, such as \${Name}, and publish with --set Name=value.`,
        );
      }
      found.push({ from: template.startOf(node), to: node.range[1], text: JSON.stringify(text) });
    } else if (isAlias(node)) {
      // Its anchor may be outside the definition.
      const value = template.followed(node)?.toJS(template.document) as unknown;
      found.push({ from: node.range[0], to: node.range[1], text: JSON.stringify(value) });
    } else if (isSeq(node)) for (const item of node.items) visit(item as ParsedNode | null);
    else if (isMap(node)) for (const { value } of (node as YAMLMap.Parsed).items) visit(value);
  };
  visit(root);
  return found;
};

/** A definition that is a string in its template, perhaps the result of Fn::Sub or Fn::Join. */
export const textDefinition: DefinitionReader = (template, node, isSubstitution) => {
  const text = textOf(template, node, isSubstitution);
  if (text === undefined) {
    const shown = intrinsicIn(template, node)?.shown ?? "The definition";
    throw usage(
      `${template.at(node)}: ${shown} has a value only after a deployment. Publish the file of the definition instead: sluice flows publish FILE.`,
    );
  }
  const start = template.placeOf(node.range[0]);
  return { text, file: template.file, place: blockPlace(template, node) ?? (() => start) };
};

/** Returns the positions in a block scalar (`|`), whose lines are those of the file. */
const blockPlace = (template: TemplateFile, node: ParsedNode): DefinitionSource["place"] | undefined => {
  if (!isScalar(node) || node.type !== Scalar.BLOCK_LITERAL) return undefined;
  const { line } = template.placeOf(node.range[0]);
  const [, ...lines] = template.text.slice(node.range[0], node.range[1]).split("\n");
  const first = lines.find((each) => each.trim() !== "") ?? "";
  const indentation = /^ */.exec(first)?.[0].length ?? 0;
  return (place) => ({ line: line + place.line, column: place.column + indentation });
};
