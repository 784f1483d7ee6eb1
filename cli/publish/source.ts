/** A position in a file. Lines and columns count from 1. */
export interface Place {
  readonly line: number;
  readonly column: number;
}

/** A definition's text, and the file that it comes from. */
export interface DefinitionSource {
  readonly text: string;
  /** The file's name in messages. */
  readonly file: string;
  /** Maps a position in the text to the file. Absent if the text is the whole file. */
  readonly place?: (place: Place) => Place;
}

type Substitutions = Readonly<Record<string, string | number | boolean>>;

/** A machine's definition in a template. */
export interface TemplateSource {
  readonly definition: DefinitionSource;
  /** Values that are known from the template without a deployment. */
  readonly substitutions: Substitutions;
  /** The template's expression for each name without a value, such as `template.yaml:12:9: !GetAtt Charge.Arn`. */
  readonly unknown: ReadonlyMap<string, string>;
}
