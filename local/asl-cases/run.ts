import type { AslCase, CaseKind } from "./case.ts";
import { compare } from "./compare.ts";

export interface CaseResult {
  readonly id: string;
  /** Empty if the case passed. */
  readonly differences: readonly string[];
}

/** Runs one case after another. An error while a case runs counts as a difference. */
export async function runCases(kind: CaseKind, cases: readonly AslCase[]): Promise<CaseResult[]> {
  const results: CaseResult[] = [];
  for (const aslCase of cases) {
    try {
      const expected = kind.expectation?.(aslCase) ?? aslCase.expect;
      results.push({ id: aslCase.id, differences: compare(expected, await kind.run(aslCase)) });
    } catch (error) {
      results.push({ id: aslCase.id, differences: [String(error)] });
    }
  }
  return results;
}
