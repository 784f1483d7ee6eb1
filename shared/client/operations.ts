import type { z } from "zod";
import type { bulkOperations } from "../model/api/bulk-operations.ts";
import type { flowOperations } from "../model/api/flow-operations.ts";
import type { incidentOperations } from "../model/api/incident-operations.ts";
import type { memberOperations } from "../model/api/member-operations.ts";
import type { PathParameters } from "../model/api/operation.ts";
import type { OperationId } from "../model/api/paths.ts";
import type { runOperations } from "../model/api/run-operations.ts";
import type { settingsOperations } from "../model/api/settings-operations.ts";
import type { triggerOperations } from "../model/api/trigger-operations.ts";
import type { viewOperations } from "../model/api/view-operations.ts";

type Values<T> = T[keyof T];
type AnyOperation = Values<
  typeof bulkOperations &
    typeof flowOperations &
    typeof incidentOperations &
    typeof memberOperations &
    typeof runOperations &
    typeof settingsOperations &
    typeof triggerOperations &
    typeof viewOperations
>;
type OperationById = { readonly [O in AnyOperation as O["id"]]: O };

/** Query strings contain text, so numbers are written as text. */
type QueryOf<O> = O extends { readonly query: infer Schema extends z.ZodType }
  ? { readonly query?: { readonly [Name in keyof z.input<Schema>]: z.input<Schema>[Name] | number } }
  : { readonly query?: undefined };

type BodyOf<O> = O extends { readonly body: infer Schema extends z.ZodType }
  ? O extends { readonly emptyBody: true }
    ? { readonly body?: z.input<Schema> | undefined }
    : { readonly body: z.input<Schema> }
  : { readonly body?: undefined };

type HeadersOf<O> = O extends { readonly requestHeader: "If-Match" }
  ? {
      /**
       * The `rev` that the caller has read: the call fails with `state_changed` if it is no longer the current one. `any`
       * applies the change to any revision.
       */
      readonly ifMatch: number | "any";
    }
  : O extends { readonly requestHeader: "Idempotency-Key" }
    ? {
        /** Makes a repeated call answer like the first. */
        readonly idempotencyKey?: string | undefined;
      }
    : unknown;

type PreferenceOf<O> = O extends { readonly prefersWait: true }
  ? {
      /** How long to wait for the run's end: at most 25 seconds. The run has its output if it has ended. */
      readonly waitSeconds?: number | undefined;
    }
  : unknown;
type Parameters<O> = O extends { readonly path: infer Path extends string }
  ? Omit<PathParameters<Path>, "workspace">
  : never;

export interface CallOptions {
  /** Overrides the client's workspace. */
  readonly workspace?: string | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** The parameters, query, body and headers of a call. */
export type RequestOf<Id extends OperationId> = OperationById[Id] extends infer O
  ? Parameters<O> & QueryOf<O> & BodyOf<O> & HeadersOf<O> & PreferenceOf<O> & CallOptions
  : never;

type SchemaIn<A> = A extends { readonly schema: infer Schema extends z.ZodType }
  ? z.output<Schema>
  : undefined;

/** The JSON of a call's response; undefined for 204. */
export type ResultOf<Id extends OperationId> = OperationById[Id] extends {
  readonly answers: infer Answers;
}
  ? SchemaIn<Values<Answers>>
  : never;

// biome-ignore lint/complexity/noBannedTypes: the empty object is what a request without required fields accepts
type Call<Request, Result> = {} extends Request
  ? (request?: Request) => Promise<Result>
  : (request: Request) => Promise<Result>;

type Operations = { readonly [Id in OperationId]: Call<RequestOf<Id>, ResultOf<Id>> };

type PreviewedId = "startBulkOperation" | "replayRun" | "pauseFlow" | "openIncident";

/** A call whose dry run answers with a preview. */
interface Previewed<Id extends PreviewedId, Result, Preview = Exclude<ResultOf<Id>, Result>> {
  (request: RequestOf<Id> & { body: { dryRun: true } }): Promise<Preview>;
  (request: RequestOf<Id> & { body?: { dryRun?: false | undefined } }): Promise<Result>;
}

/** The HTTP API, with one method per operation. */
export interface Client extends Omit<Operations, PreviewedId> {
  readonly startBulkOperation: Previewed<"startBulkOperation", ResultOf<"getBulkOperation">>;
  readonly replayRun: Previewed<"replayRun", ResultOf<"getRun">>;
  readonly pauseFlow: Previewed<"pauseFlow", ResultOf<"getFlow">>;
  readonly openIncident: Previewed<"openIncident", ResultOf<"getIncident">>;
}
