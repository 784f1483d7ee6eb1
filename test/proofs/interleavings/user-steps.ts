import { writeFileSync } from "node:fs";
import { join } from "node:path";

/** One call of the users' function for a state of a flow. */
export interface StepCall {
  readonly id: string;
  readonly state: string;
  /** The execution's name. */
  readonly run: string;
}

let folders = 0;

const source = (channel: string): string => `
const channel = new BroadcastChannel(${JSON.stringify(channel)});
const open = new Map();
channel.onmessage = ({ data }) => {
  const end = open.get(data.id);
  open.delete(data.id);
  end?.(data.fails);
};
export const handler = (event, context) =>
  new Promise((resolve, reject) => {
    open.set(context.awsRequestId, (fails) => (fails ? reject(new Error("Broken")) : resolve({})));
    channel.postMessage({ id: context.awsRequestId, ...event });
  });
`;

/** The users' function `step`, whose calls end when the test says so. */
export class UserSteps {
  readonly #channel: InstanceType<typeof BroadcastChannel>;
  readonly #open = new Map<string, StepCall>();
  readonly #blocked = new Set<string>();
  readonly #failing = new Set<string>();

  constructor(folder: string, arrived: (step: StepCall) => void) {
    folders += 1;
    const name = `steps-${process.pid}-${folders}`;
    writeFileSync(join(folder, "step.mjs"), source(name));
    this.#channel = new BroadcastChannel(name);
    this.#channel.onmessage = ({ data }: { data: unknown }) => {
      const step = data as StepCall;
      this.#open.set(step.id, step);
      arrived(step);
    };
  }

  close(): void {
    this.#channel.close();
  }

  /** Calls that have begun and not ended. */
  get count(): number {
    return this.#open.size;
  }

  inProgress(): StepCall[] {
    return [...this.#open.values()];
  }

  /** Blocks or fails the calls of these states while nothing is scheduled. All others return at once. */
  set(behaviour: { readonly block?: readonly string[]; readonly fail?: readonly string[] }): void {
    this.#blocked.clear();
    this.#failing.clear();
    for (const state of behaviour.block ?? []) this.#blocked.add(state);
    for (const state of behaviour.fail ?? []) this.#failing.add(state);
  }

  isBlocked(state: string): boolean {
    return this.#blocked.has(state);
  }

  finish(step: StepCall): void {
    this.#open.delete(step.id);
    this.#channel.postMessage({ id: step.id, fails: this.#failing.has(step.state) });
  }
}
