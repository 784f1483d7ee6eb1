/** Why a definition is refused: `path` names the user's state and field, e.g. `States.Charge.Next`. */
export interface Problem {
  readonly path: string;
  readonly message: string;
}

/** Takes one problem down and lets the check go on, so that an author sees them all at once. */
export type Report = (path: string, message: string) => void;

/** More than a page of problems helps nobody, and a hostile definition could make a million. */
const MAX_PROBLEMS = 100;
/** A name of half a megabyte would stand in the path of each. */
const MAX_CHARACTERS = 500;

const shortened = (text: string): string =>
  text.length <= MAX_CHARACTERS ? text : `${text.slice(0, MAX_CHARACTERS).toWellFormed()}…`;

export function collectProblems(): { readonly problems: Problem[]; readonly report: Report } {
  const problems: Problem[] = [];
  const seen = new Set<string>();
  const report: Report = (longPath, longMessage) => {
    const [path, message] = [shortened(longPath), shortened(longMessage)];
    const key = `${path}\n${message}`;
    if (seen.has(key) || problems.length >= MAX_PROBLEMS) return;
    seen.add(key);
    problems.push({ path, message });
  };
  return { problems, report };
}
