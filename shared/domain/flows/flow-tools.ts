import type { IdSource } from "../../model/ids.ts";
import type { Clock } from "../../model/time/clock.ts";
import type { Machines } from "../../outbound/machines.ts";
import type { FlowStore } from "../../store/flows/flows.ts";
import type { VersionStore } from "../../store/flows/versions.ts";
import type { Metrics } from "../deps.ts";
import type { CompileSettings } from "./compile-version.ts";

/** What the use cases about flows work with. */
export interface FlowTools {
  readonly clock: Clock;
  readonly metrics: Metrics;
  readonly ids: IdSource;
  readonly flows: FlowStore;
  readonly versions: VersionStore;
  readonly machines: Machines;
  /** Asked for when something is compiled; only publishers have them. */
  readonly compileSettings: () => CompileSettings;
}
