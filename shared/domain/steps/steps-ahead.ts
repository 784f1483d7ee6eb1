import { type Position, statesAhead } from "../../asl/parse/graph.ts";
import type { VersionStore } from "../../store/flows/versions.ts";
import type { RunItem } from "../../store/runs/run-item.ts";
import type { DemandingStep } from "../deps.ts";

/**
 * Maximum number of cached results, by version and position: more than are resumed at one time. Each takes a few hundred bytes.
 */
const MAX_KNOWN = 2_000;

/** Finds the steps ahead of runs. A version's definition never changes, so results are cached for the life of the process. */
export class Requirements {
  readonly #versions: Pick<VersionStore, "read" | "text">;
  readonly #known = new Map<string, readonly DemandingStep[]>();
  constructor(versions: Pick<VersionStore, "read" | "text">) {
    this.#versions = versions;
  }

  /** Returns the steps with `Requires` that the run may still reach from the position, in the order of the definition. */
  async ahead(run: RunItem, from: Position): Promise<readonly DemandingStep[]> {
    const version = JSON.stringify([run.workspace, run.flowId, run.incarnation, run.version]);
    const place = JSON.stringify([version, from.state ?? null, from.entered]);
    const known = this.#known.get(version) ?? this.#known.get(place);
    if (known !== undefined) return known;
    const record = await this.#versions.read(run, run.version);
    if (record === undefined) return [];
    if (record.requires !== true) return this.#keep(version, []);
    const text = await this.#versions.text(run, run.version, "user");
    const ahead = statesAhead(text, from).filter(({ requires }) => requires.length > 0);
    return this.#keep(
      place,
      ahead.map(({ name, requires }) => ({ state: name, requires })),
    );
  }

  #keep(key: string, steps: readonly DemandingStep[]): readonly DemandingStep[] {
    if (this.#known.size >= MAX_KNOWN) this.#known.clear();
    this.#known.set(key, steps);
    return steps;
  }
}
