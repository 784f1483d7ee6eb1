import { ownClock } from "../../local/lambda/caller.ts";
import type { OwnHandler } from "../../local/lambda/own-functions.ts";
import { compose } from "../../local/sluice/compose.ts";
import { buildStack } from "../../local/stack/stack.ts";
import type { Json, JsonObject } from "../../shared/model/json/json.ts";
import { stackOf, type TestStack } from "../harness/stack/test-stack.ts";
import { FUNCTIONS } from "./catalogue.ts";
import { type RawTable, textOf } from "./raw-table.ts";
import type { GoldenCall, RawItem } from "./release.ts";

/** Functions that compiled flows, Sluice's own loops and one-time schedules call. Their events outlive a release. */
const RECORDED = [
  "sluice-gate",
  "sluice-park",
  "sluice-human-step",
  "sluice-drain",
  "sluice-bulk-batch",
  "sluice-auto-resume",
  "sluice-warning",
];

/** A local stack whose functions are wrapped by `wrap`. */
export const stackWith = (wrap: (name: string, handler: OwnHandler) => OwnHandler): Promise<TestStack> =>
  stackOf(FUNCTIONS, (options) => {
    const composition = compose();
    const wrapped = Object.entries(composition.functions).map(
      ([name, handler]) => [name, wrap(name, handler)] as const,
    );
    return buildStack(options, { ...composition, functions: Object.fromEntries(wrapped) });
  });

/** Calls of these functions in order, each with the items that it concerned, as they were before. */
export class Recorder {
  readonly #calls = new Map<string, GoldenCall>();
  #table: RawTable | undefined;
  #turn: Promise<unknown> = Promise.resolve();

  get calls(): readonly GoldenCall[] {
    return [...this.#calls.values()];
  }
  of(table: RawTable): void {
    this.#table = table;
  }

  readonly wrap = (name: string, handler: OwnHandler): OwnHandler => {
    if (!RECORDED.includes(name)) return handler;
    return (event, context) => {
      const call = this.#turn.then(() =>
        this.#record(name, event as JsonObject, () => handler(event, context)),
      );
      this.#turn = call.catch(() => undefined);
      return call;
    };
  };

  async #record(name: string, event: JsonObject, call: () => Promise<unknown>): Promise<unknown> {
    const before = about(event, (await this.#table?.all()) ?? []);
    const made = { function: name, at: new Date(ownClock.now()).toISOString(), event, before };
    try {
      const answer = (await call()) as Json | undefined;
      this.#keep({ ...made, ...(answer === undefined ? {} : { answer }) });
      return answer;
    } catch (error) {
      this.#keep({ ...made, threw: (error as Error).name });
      throw error;
    }
  }

  /** The first call of each shape: its function, its event's fields and its kind of answer. */
  #keep(call: GoldenCall): void {
    const { event, threw, answer } = call;
    const shape = JSON.stringify([
      ...[call.function, Object.keys(event).sort(), event["kind"], event["type"], event["path"] === ""],
      ...[threw, (answer as JsonObject | undefined)?.["goesOn"]],
    ]);
    if (!this.#calls.has(shape)) this.#calls.set(shape, call);
  }
}

/** From an event of either version. */
const executionNameOf = ({ execution, at }: JsonObject): string =>
  String(execution ?? (Array.isArray(at) ? at[0] : ""))
    .split(":")
    .at(-1) ?? "";

const flowOf = (run: string | undefined, items: readonly RawItem[]): string | undefined => {
  const found = items.find(
    (item) => textOf(item, "PK").endsWith(`#R#${run}`) && textOf(item, "SK") === "RUN",
  );
  return found && textOf(found, "flowId");
};

/** Of a call: the run, its flow and who belongs to the workspace; of an operation, all that it may touch. */
const about = (event: JsonObject, items: readonly RawItem[]): RawItem[] => {
  const run = executionNameOf(event).split(".")[0];
  const flow = `#F#${event["flowId"] ?? event["flow"] ?? flowOf(run, items)}`;
  return items.filter((item) => {
    const [PK, SK] = [textOf(item, "PK"), textOf(item, "SK")];
    if (SK.startsWith("T#") || SK.startsWith("BATCH#")) return false;
    if (event["bulkId"] !== undefined) return PK.includes(`#B#${event["bulkId"]}`) || SK === "RUN";
    if (PK.endsWith(flow) || PK.includes(`${flow}#`)) return true;
    if (run !== undefined && run !== "") return PK.endsWith(`#R#${run}`) || SK.startsWith("MEMBER#");
    return PK.includes("#R#") && textOf(item, "flowKey").includes(`${flow}#`);
  });
};
