/** A place in a file, both counted from 1. */
export interface Place {
  readonly line: number;
  readonly column: number;
}

/** A definition's text with the file that it comes from. */
export interface DefinitionSource {
  readonly text: string;
  /** As messages name it. */
  readonly file: string;
  /** Where a place of the text is in the file; absent if the text is the whole file. */
  readonly place?: (place: Place) => Place;
}

type Substitutions = Readonly<Record<string, string | number | boolean>>;

/** A machine's definition in a template. */
export interface TemplateSource {
  readonly definition: DefinitionSource;
  /** Values that the template knows without a deployment. */
  readonly substitutions: Substitutions;
  /** What the names that it does not know stand for, such as `template.yaml:12:9: !GetAtt Charge.Arn`. */
  readonly unknown: ReadonlyMap<string, string>;
}
