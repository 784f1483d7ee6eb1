import { cutText } from "../../model/json/text.ts";

/** One reason why a definition is rejected. `path` names the user's state and field, e.g. `States.Charge.Next`. */
export interface Problem {
  readonly path: string;
  readonly message: string;
}

/**
 * Records one problem. Checks continue afterwards, so that an author sees all problems at once. Only the first problem of a
 * path counts: later checks would report the same error in other words.
 */
export type Report = (path: string, message: string) => void;

/** Nobody reads more than a page of problems, and a hostile definition could cause a million. */
const MAX_PROBLEMS = 100;
/** Without a limit, a state's name of half a megabyte would be repeated in every path. */
const MAX_CHARACTERS = 500;

const shortened = (text: string): string =>
  text.length <= MAX_CHARACTERS ? text : `${cutText(text, MAX_CHARACTERS)}…`;

/**
 * Omits problems of a whole object, such as a missing field, if one of its fields has a problem: the field's name is probably
 * misspelled.
 */
export const withoutConsequences = (problems: readonly Problem[]): readonly Problem[] =>
  problems.filter(
    ({ path }) =>
      path === "" ||
      !problems.some(
        (other) =>
          other.path.startsWith(path) &&
          /^[.[]/.test(other.path.slice(path.length)) &&
          !/\.States\./.test(other.path.slice(path.length)),
      ),
  );

export function collectProblems(): { readonly problems: Problem[]; readonly report: Report } {
  const problems: Problem[] = [];
  const seen = new Set<string>();
  const report: Report = (longPath, longMessage) => {
    const [path, message] = [shortened(longPath), shortened(longMessage)];
    if (seen.has(path) || problems.length >= MAX_PROBLEMS) return;
    seen.add(path);
    problems.push({ path, message });
  };
  return { problems, report };
}
