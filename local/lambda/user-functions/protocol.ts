import { statSync } from "node:fs";
import type { Outcome } from "../outcome.ts";

export interface ThreadData {
  /** The folder of Node.js's compile cache, if it is enabled. */
  readonly compileCache: string | undefined;
}

export interface UserFunction {
  readonly name: string;
  readonly file: string;
  /** The names under which the file may export its function. The first one that exists is used. */
  readonly exports: readonly string[];
}
/** One version of a user's function, by the content of its files when it was loaded. */
export interface Version extends UserFunction {
  /** Unique in this process. */
  readonly id: string;
}

/** To a thread. */
export type ThreadRequest =
  | {
      readonly kind: "invoke";
      readonly version: Version;
      readonly requestId: string;
      /** JSON text. */
      readonly event: string;
      /** Milliseconds for the handler, not counting the time to load its file. */
      readonly timeout: number;
    }
  /** The version gets no more invocations. */
  | { readonly kind: "retire"; readonly version: string }
  /** Answered with a pong, unless synchronous code blocks the thread. */
  | { readonly kind: "ping" }
  /** The thread is idle. */
  | { readonly kind: "rest" };

/** From a thread. */
export type ThreadMessage =
  | { readonly kind: "file"; readonly version: string; readonly path: string; readonly signature: string }
  | { readonly kind: "loading"; readonly version: string }
  /** The handler is about to be called. */
  | { readonly kind: "begun"; readonly requestId: string }
  | { readonly kind: "outcome"; readonly requestId: string; readonly outcome: Outcome }
  /** The file could not be loaded. */
  | { readonly kind: "unloadable"; readonly version: string }
  /** On Lambda, the function's process would have exited, together with all of its invocations in progress. */
  | { readonly kind: "crash"; readonly version: string | undefined; readonly outcome: Outcome }
  | { readonly kind: "exit"; readonly version: string; readonly status: number }
  | {
      readonly kind: "output";
      readonly name: string | undefined;
      /** Of the invocation that prints; absent while a function's file is loaded. */
      readonly requestId: string | undefined;
      readonly text: string;
    }
  | { readonly kind: "pong" };

/** A value that changes with the file's content; empty if there is no such file. */
export function fileSignature(path: string): string {
  const stat = statSync(path, { bigint: true, throwIfNoEntry: false });
  return stat?.isFile() ? `${stat.mtimeNs}.${stat.ctimeNs}.${stat.size}.${stat.ino}` : "";
}
