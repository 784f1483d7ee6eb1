import type { WaitingOn } from "../../model/schemas/run.ts";
import type { Intent } from "../intent.ts";

export interface StepItem {
  readonly stepId: string;
  readonly name: string;
  readonly type: "Task" | "Wait" | "Parallel" | "Map";
  readonly path: string;
  /** Whose execution it is part of, where that is not the run's first. */
  readonly attempt?: number;
  readonly entered: string;
  readonly startedAt: string;
  /** JSON text; absent when it was too long for the gate (then it is read from the execution's history). */
  readonly input?: string;
  /** States whose output this step's input is. */
  readonly after: readonly string[];
  readonly waitingOn?: Omit<WaitingOn, "stepId">;
  /** What is known of its end; otherwise derived from the steps after it, or from the history. */
  readonly end?: {
    /** ISO 8601. */
    readonly at: string;
    readonly status: "completed" | "failed" | "cancelled";
    readonly output?: string;
    /** Of an output too long to be kept here: UTF-8 bytes of its JSON text, which the execution's history has. */
    readonly outputSize?: number;
    readonly error?: { readonly error: string; readonly cause: string };
  };
  readonly human?: HumanTask;
}

/** A step that waits for a person. The answer is frozen before the token is sent. */
export interface HumanTask {
  readonly kind: "approval" | "form";
  readonly token: string;
  /** ISO 8601. */
  readonly askedAt: string;
  readonly title: string;
  readonly assignees?: readonly string[];
  /** JSON Schema of the data, as JSON text. */
  readonly form?: string;
  /** JSON text of the answer, and who gave it when. */
  readonly answer?: string;
  readonly intent?: Intent;
}
