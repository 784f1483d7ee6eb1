import type { Client } from "../../harness/clients/client.ts";
import type { CorpusFlow } from "../file/corpus-flow.ts";

export interface Refusal {
  readonly reason: string;
  readonly messages: readonly string[];
}

/** Publishes a flow's own text. An EXPRESS flow is published as STANDARD. */
export async function publish(
  admin: Client,
  flowId: string,
  { text, substitutions, machineType }: CorpusFlow,
): Promise<Refusal | undefined> {
  const { status, body } = await admin.call("PUT", `/flows/${flowId}`, {
    ...{ definition: text, substitutions },
    ...(machineType === "EXPRESS" ? { machineType: "STANDARD" } : {}),
  });
  if (status < 300) return undefined;
  const { detail = `Status ${status}`, errors = [] } = body as {
    detail?: string;
    errors?: readonly { readonly path: string; readonly message: string }[];
  };
  const messages = errors.map(({ path, message }) => (path === "" ? message : `${path}: ${message}`));
  return { reason: messages.length === 0 ? detail : messages.join("; "), messages };
}
