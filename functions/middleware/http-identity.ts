import type { Identity } from "../../shared/domain/admit.ts";
import { SluiceError } from "../../shared/model/errors.ts";
import type { Claims } from "./http-event.ts";

/** Names of the claims that a deployment chooses. */
export interface ClaimNames {
  readonly platform: string;
  readonly workspaces: string;
}

/** A list claim: an array, or text as OAuth (`a b`) or API Gateway (`[a b]`) writes it. */
const listOf = (claim: unknown): string[] => {
  if (Array.isArray(claim)) return claim.map(String);
  if (typeof claim !== "string") return [];
  return claim
    .replace(/^\[(.*)\]$/, "$1")
    .split(/[\s,]+/)
    .filter((part) => part !== "");
};
const textOf = (claim: unknown): string | undefined =>
  typeof claim === "string" && claim !== "" ? claim : undefined;

/**
 * Whose token it is. A token of the client-credentials grant names its client and no other subject; a user's token may name
 * the client too that the user signed in with. Throws `unauthorized` for a token without a subject.
 */
export const identityOf = (claims: Claims | undefined, names: ClaimNames): Identity => {
  const subject = textOf(claims?.["sub"]);
  const client = textOf(claims?.["client_id"]);
  if (client !== undefined && (subject === undefined || subject === client)) {
    return {
      kind: "client",
      id: client,
      scopes: listOf(claims?.["scope"]),
      workspaces: listOf(claims?.[names.workspaces]),
    };
  }
  if (subject === undefined) throw new SluiceError("unauthorized", "The token has no subject");
  const platform = claims?.[names.platform];
  return { kind: "user", id: subject, platform: platform === true || platform === "true" };
};
