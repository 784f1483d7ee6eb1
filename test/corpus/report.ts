import type { DeployDefault } from "./deploy-default.ts";
import type { Measured } from "./measure.ts";

export interface Report {
  readonly lines: readonly string[];
  /** N flows: A as they stand, B filled, C ran as without Sluice, D refused by AWS too */
  readonly summary: string;
  /** Whether every flow that AWS accepts is published, behaves as without Sluice, and has refusals that name a set. */
  readonly isComplete: boolean;
}

export function reportOf(measured: readonly Measured[], byDefault: DeployDefault): Report {
  const published = measured.filter(
    ({ refused, refusedByAws }) => refused === undefined && refusedByAws === undefined,
  );
  const asTheyStand = published.filter(({ isFilled }) => !isFilled).length;
  const same = published.filter(({ differences }) => differences.length === 0).length;
  const byAws = measured.filter(
    ({ refused, refusedByAws }) => refused !== undefined && refusedByAws !== undefined,
  );
  const refused = measured.filter((one) => one.refused !== undefined && one.refusedByAws === undefined);
  const differing = measured.filter(({ differences }) => differences.length > 0);
  // A flow that AWS refuses needs no set. Its errors are listed instead.
  const awsRefuses = new Set(byAws.map(({ id }) => id));
  const unnamed = [...byDefault.unnamed].filter(([id]) => !awsRefuses.has(id));
  const sets = [...byDefault.sets].sort(([one], [other]) => (one < other ? -1 : 1));
  return {
    lines: [
      ...section(
        "Refused",
        refused.map(({ id, refused: why }) => [id, [why ?? ""]]),
      ),
      ...section(
        "Different from a run without Sluice",
        differing.map(({ id, differences }) => [id, differences]),
      ),
      ...section(
        "Refused by AWS too",
        byAws.map(({ id, refusedByAws }) => [id, [refusedByAws ?? ""]]),
      ),
      `A deployment publishes ${byDefault.published} of them by default. The others need these sets:`,
      ...sets.map(([name, count]) => `  ${name}: ${count}`),
      ...section("Refused by default without naming a set", unnamed),
    ],
    summary: `${measured.length} flows: ${asTheyStand} as they stand, ${published.length - asTheyStand} filled, ${same} ran as without Sluice, ${byAws.length} refused by AWS too`,
    isComplete: same + byAws.length === measured.length && unnamed.length === 0,
  };
}

function section(title: string, entries: readonly (readonly [string, readonly string[]])[]): string[] {
  if (entries.length === 0) return [];
  return [
    `${title}:`,
    ...entries.flatMap(([id, reasons]) => [`  ${id}`, ...reasons.map((reason) => `    ${reason}`)]),
  ];
}
