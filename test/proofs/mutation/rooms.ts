/** A folder whose mutants are killed by tests, and by which. */
export interface Room {
  /**
   * The tests beside the source, and the quick ones of other folders that use it. The whole suite would take days. Tests of speed and
   * of properties repeat code that other tests reach, too often for each mutant.
   */
  readonly killers: readonly string[];
  /** The share of mutants, in percent, that must be killed. */
  readonly threshold: number;
}

/** Every change of a run and a flow in every situation. */
const IN_ORDER = "test/proofs/between/in-order.test.ts";

const ROOMS: Readonly<Record<string, Room>> = {
  "shared/model": {
    killers: ["shared/model/**/!(*.speed).test.ts", "infra/docs/*.test.ts"],
    threshold: 90,
  },
  "shared/asl": {
    killers: ["shared/asl/**/!(*.property|*.speed).test.ts", "test/upgrades/compiled-text.test.ts"],
    threshold: 90,
  },
  "shared/store": {
    killers: ["shared/{store,domain}/**/*.test.ts", "test/proofs/conditions/*.test.ts"],
    threshold: 85,
  },
  "shared/domain": {
    killers: ["shared/domain/**/*.test.ts", IN_ORDER],
    threshold: 85,
  },
  "functions/middleware": {
    killers: ["functions/middleware/**/*.test.ts", "test/integration/api/*.test.ts"],
    threshold: 80,
  },
  cli: { killers: ["cli/**/*.test.ts"], threshold: 80 },
};

export const ROOM_NAMES = Object.keys(ROOMS);

/** Returns the room that a folder or file belongs to, with its name. Throws where there is none. */
export const roomOf = (path: string): Room & { readonly name: string } => {
  const found = Object.entries(ROOMS).find(([name]) => path === name || path.startsWith(`${name}/`));
  if (found === undefined) throw new Error(`${path} is in none of ${ROOM_NAMES.join(", ")}`);
  const [name, room] = found;
  return { name, ...room };
};
