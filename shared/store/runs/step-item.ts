import type { Step, WaitingOn } from "../../model/schemas/run.ts";
import type { Intent } from "../intent.ts";

export interface StepItem {
  readonly stepId: string;
  readonly name: string;
  readonly type: "Task" | "Wait" | "Parallel" | "Map";
  readonly path: string;
  /** Whether it is a Distributed Map, whose children are separate executions. */
  readonly distributed?: boolean;
  /** The numbers of its children by status, after the Map has ended. */
  readonly children?: StepChildren;
  /** The attempt whose execution visited the step; absent for the run's first. */
  readonly attempt?: number;
  readonly entered: string;
  readonly startedAt: string;
  /** JSON text. Absent if it is too long for the gate. It is then read from the execution's history. */
  readonly input?: string;
  /** States whose output is this step's input. */
  readonly after: readonly string[];
  /** States that completed before this step, but whose output was changed by states in between. */
  readonly completed?: readonly string[];
  /** Whether it has completed, if it is the last of its branch or iteration, when the enclosing Parallel or Map has. */
  readonly last?: true;
  readonly waitingOn?: Omit<WaitingOn, "stepId">;
  /** A gate inside the step's function let it begin, and its package knows holds on steps. Those of release 0.1 do not. */
  readonly inlineGate?: 1;
  /** Its end, if recorded. Otherwise it is derived from later steps or from the history. */
  readonly end?: {
    /** ISO 8601. */
    readonly at: string;
    readonly status: "completed" | "failed" | "cancelled";
    readonly output?: string;
    /** UTF-8 bytes of an output that is too long to store. The execution's history has it. */
    readonly outputSize?: number;
    readonly error?: { readonly error: string; readonly cause: string };
  };
  readonly human?: HumanTask;
}

/** The numbers of a Distributed Map's children by status. Parked children do not count as running. */
export type StepChildren = NonNullable<Step["children"]>;

/** The question of an approval or form and its answer, which is stored before the task token is sent and then never changes. */
export interface HumanTask {
  readonly kind: "approval" | "form";
  readonly token: string;
  /** ISO 8601. */
  readonly askedAt: string;
  readonly title: string;
  readonly assignees?: readonly string[];
  /** The administrator who assigned it to others than the flow named, and when (ISO 8601). */
  readonly assigned?: { readonly by: string; readonly at: string; readonly reason?: string };
  /** JSON Schema of the data, as JSON text. */
  readonly form?: string;
  /** JSON text of the answer, its author and its time. */
  readonly answer?: string;
  readonly intent?: Intent;
}
