import { compileFlow } from "../../shared/asl/compile.ts";
import { randomIds } from "../../shared/model/ids.ts";
import { machineName } from "../../shared/model/machines/machine-names.ts";
import { VirtualClock } from "../clock/virtual-clock.ts";
import type { EventBus, LambdaInvoker, LambdaResponse } from "../ports/services.ts";
import { type CaseLambdas, functionNameOf } from "./behaviours.ts";
import type { AslCase, CaseKind, Expectation, Outcome } from "./case.ts";
import { caseStepFunctions } from "./case-step-functions.ts";
import { gatedStates, withInlineGates } from "./gated-states.ts";
import { outcomeOf } from "./outcome.ts";
import { type SluiceParts, startSluiceParts } from "./sluice-parts.ts";

const ARN = "arn:aws:lambda:us-east-1:123456789012:function:";
const OWN = {
  gate: `${ARN}sluice-gate`,
  park: `${ARN}sluice-park`,
  humanStep: `${ARN}sluice-human-step`,
  continueAsNew: `${ARN}sluice-hand-over`,
};
const SWEEP_EVERY_MS = 60_000;

/** Runs a case's definition compiled with gates, through the real gate and park handlers on a real table. */
export class Compiled implements CaseKind {
  readonly name = "compiled";
  /** Gates before steps that let a run pass, by case. */
  readonly gatesPassed = new Map<string, number>();
  readonly #gated = new Set<string>();
  readonly #parts: SluiceParts;
  #count = 0;

  readonly #inline: boolean;

  private constructor(parts: SluiceParts, inline: boolean) {
    this.#parts = parts;
    this.#inline = inline;
  }

  /** @param inline with the gate inside every function that supports it */
  static async start(inline = false): Promise<Compiled> {
    return new Compiled(await startSluiceParts(), inline);
  }

  close(): Promise<void> {
    return this.#parts.close();
  }

  async run(aslCase: AslCase): Promise<Outcome> {
    this.#count += 1;
    const incarnation = randomIds.unique();
    const constants = { workspace: "cases", flowId: `case-${this.#count}`, incarnation, version: 1 };
    const compilation = compileFlow({
      definition: this.#inline ? withInlineGates(aslCase.definition) : aslCase.definition,
      constants,
      functions: OWN,
      policy: { allow: ["*"] },
    });
    if (!compilation.ok) throw new Error(`Not compiled: ${JSON.stringify(compilation.errors)}`);
    const clock = new VirtualClock();
    this.#parts.useClock(clock);
    const counts = { passed: 0, own: 0 };
    const gated = (user: CaseLambdas) => new GatedLambdas(user, this.#parts, counts);
    const bus: EventBus = { publish: (event) => this.#parts.executionClosed(event) };
    const { service, close } = caseStepFunctions(aslCase, clock, gated, bus);
    this.#parts.useStates(service);
    try {
      const { stateMachineVersionArn } = (await service.call("CreateStateMachine", {
        name: machineName(constants.workspace, incarnation),
        definition: JSON.stringify(compilation.compiled),
        roleArn: "arn:aws:iam::123456789012:role/case",
        publish: true,
      })) as { stateMachineVersionArn: string };
      const started = await this.#parts.dispatch(constants, stateMachineVersionArn, aslCase.input);
      // The sweeper's schedule is independent of a run's start.
      let nextSweep = clock.now() + SWEEP_EVERY_MS / 2;
      while (!(await started.isOver())) {
        if (!(await clock.step(nextSweep))) {
          // Nothing else is due first. Only the sweeper can end a run past its deadline.
          if (compilation.timeoutSeconds === undefined && !(await clock.step())) break;
          await clock.advance(Math.max(0, nextSweep - clock.now()));
          await this.#parts.sweep();
          nextSweep = clock.now() + SWEEP_EVERY_MS;
        }
      }
      await clock.settled();
      this.gatesPassed.set(aslCase.id, counts.passed);
      const outcome = await outcomeOf(service, started.executionArn);
      const users = onlyUsers(await started.judged(outcome), new Set(compilation.generated), counts.own);
      if (entersGated(aslCase, users)) this.#gated.add(aslCase.id);
      return users;
    } finally {
      await close();
    }
  }

  expectation(aslCase: AslCase): Expectation {
    // The machine's TimeoutSeconds becomes the run's deadline, and Sluice ends the run.
    if (aslCase.expect.status !== "TIMED_OUT") return aslCase.expect;
    return { ...aslCase.expect, status: "FAILED", error: "States.Timeout" };
  }

  /** Cases that entered a gated state without passing a gate. */
  ungated(): string[] {
    return [...this.#gated].filter((id) => this.gatesPassed.get(id) === 0);
  }
}

const entersGated = (aslCase: AslCase, outcome: Outcome): boolean => {
  const gated = gatedStates(aslCase.definition);
  return outcome.path.some((name) => gated.has(name));
};

/** The case's functions and Sluice's own handlers, by name. */
class GatedLambdas implements LambdaInvoker {
  readonly #user: CaseLambdas;
  readonly #parts: SluiceParts;
  /** Calls that let a run pass a gate, and those of Sluice's own functions. */
  readonly #counts: { passed: number; own: number };
  constructor(user: CaseLambdas, parts: SluiceParts, counts: { passed: number; own: number }) {
    this.#user = user;
    this.#parts = parts;
    this.#counts = counts;
  }
  async invoke(request: { functionName: string; payload: string }): Promise<LambdaResponse> {
    const handler = this.#parts.handlers[functionNameOf(request.functionName)];
    if (handler === undefined) return this.#invokeUser(request);
    const event = JSON.parse(request.payload) as { readonly kind?: string; readonly child?: unknown };
    // The calls of a Distributed Map's children are not in the execution's history.
    if (event.child === undefined) this.#counts.own += 1;
    try {
      const result = await handler(event);
      // The gate at a run's end does not precede a step.
      const isGate = functionNameOf(request.functionName) === "sluice-gate";
      if (isGate && event.kind !== "complete" && event.kind !== "fail") this.#counts.passed += 1;
      return { ok: true, payload: JSON.stringify(result ?? null), executedVersion: "$LATEST" };
    } catch (error) {
      return failure(error);
    }
  }

  /** The user's function. If the call carries an inline gate's request, the gate is called first. */
  async #invokeUser(request: { functionName: string; payload: string }): Promise<LambdaResponse> {
    try {
      const called: unknown = JSON.parse(request.payload);
      const event = await this.#parts.admitted(called);
      if (event === called) return this.#user.invoke(request);
      this.#counts.passed += 1;
      return this.#user.invoke({ ...request, payload: JSON.stringify(event) });
    } catch (error) {
      return failure(error);
    }
  }
}

const failure = (error: unknown): LambdaResponse => {
  const { name, message } = error instanceof Error ? error : new Error(String(error));
  return { ok: false, errorType: name, payload: JSON.stringify({ errorType: name, errorMessage: message }) };
};

/** An outcome without Sluice's own states and attempts. */
const onlyUsers = (outcome: Outcome, generated: ReadonlySet<string>, ownAttempts: number): Outcome => ({
  ...outcome,
  visits: Object.fromEntries(Object.entries(outcome.visits).filter(([name]) => !generated.has(name))),
  path: outcome.path.filter((name) => !generated.has(name)),
  taskAttempts: outcome.taskAttempts - ownAttempts,
});
