import type { Machine, StateNode } from "../parse/machine.ts";
import { type Form, failState } from "./fail-state.ts";
import { type Dynamic, explicitState, failGateState } from "./gate.ts";
import { literalFailure } from "./gated-states.ts";
import { asTemplate, type Expression } from "./jsonata-text.ts";
import { FAILED_VARIABLE, jsonataState, type MadeStates, type Plan } from "./plan.ts";

/**
 * The forms of a Fail, each with its role and the condition under which it applies. An absent field cannot be read, and Step
 * Functions gives a caught error an empty Cause where an uncaught one has none.
 */
const FORMS: Readonly<Record<Form, { readonly role: string; readonly condition: Expression }>> = {
  both: { role: "raise", condition: "$states.input.(Error and Cause)" },
  cause: { role: "cause", condition: "$states.input.(Cause and true)" },
  neither: { role: "no error", condition: "$states.input.(Error and true)=false" },
  error: { role: "error", condition: "true" },
};

/** Adds the gate before a run fails and the Fail states that raise the caught error again. Returns the gate's name. */
export const makeFailGate = (plan: Plan, made: MadeStates): string => failGate(plan, "fail", {}, made);

/** The same for states without a gate before them, whose visit is not the run's newest. */
export const makeFailGateOfUngated = (plan: Plan, made: MadeStates): string =>
  failGate(plan, "fail ungated", { state: ofVariable("state"), entered: ofVariable("entered") }, made);

const ofVariable = (field: string): Dynamic => [
  `$${FAILED_VARIABLE}.${field}`,
  `$${FAILED_VARIABLE}.${field}`,
];

function failGate(
  plan: Plan,
  role: string,
  visit: Readonly<Record<string, Dynamic>>,
  made: MadeStates,
): string {
  const name = plan.names.of(role);
  const failure: Dynamic = ["$states.input", "$"];
  made.set(name, failGateState(plan, {}, { failure, ...visit }, makeForms(plan, made)));
  return name;
}

/** Adds the gate before a Fail of the user's, whose error is known. */
export function makeGateOfFail(plan: Plan, state: StateNode, made: MadeStates): void {
  const name = plan.names.of("gate", state.name);
  const fixed = { ...explicitState(name, state.name), ...literalFailure(state) };
  made.set(name, failGateState(plan, fixed, {}, state.name));
}

/** Adds the Fail states that the flow needs, with the choice between them, and returns the name of the first state. */
function makeForms(plan: Plan, made: MadeStates): string {
  const target = (form: Form): string => plan.names.of(FORMS[form].role);
  const forms = formsOf(plan.machine);
  for (const form of forms) made.set(target(form), failState(plan, form));
  if (forms.length === 1) return target("both");
  const name = plan.names.of("fail form");
  made.set(name, {
    Type: "Choice",
    ...jsonataState(plan),
    Choices: forms.slice(0, -1).map((form) => ({
      Condition: asTemplate(FORMS[form].condition),
      Next: target(form),
    })),
    Default: target("error"),
  });
  return name;
}

/**
 * The forms in which an error of the flow can come. Whoever has a task token and a Fail inside a branch name an error and its cause,
 * or not. A time-out has no cause. All other errors have both.
 */
function formsOf({ all }: Machine): readonly Form[] {
  const nested = all.filter(({ type, scope }) => type === "Fail" && scope.depth > 0);
  if (all.some(waitsForToken) || nested.some((fail) => !isSaid(fail, "Error")))
    return ["both", "cause", "neither", "error"];
  return all.some(timesOut) || nested.some((fail) => !isSaid(fail, "Cause")) ? ["both", "error"] : ["both"];
}

const waitsForToken = ({ type, body }: StateNode): boolean =>
  type === "Task" && /\.waitForTaskToken$|:activity:/.test(String(body.Resource));

const timesOut = ({ body }: StateNode): boolean =>
  Object.keys(body).some((field) => /^(Timeout|Heartbeat)Seconds(Path)?$/.test(field));

/** Whether a Fail has a literal text in this field. */
function isSaid({ body }: StateNode, field: "Error" | "Cause"): boolean {
  const text = body[field];
  return typeof text === "string" && text !== "" && !text.startsWith("{%");
}
