import type { Identity } from "../../shared/domain/workspace/authorize.ts";
import { SCOPE_CLAIM, WORKSPACE_SCOPES } from "../../shared/model/access.ts";
import { SluiceError } from "../../shared/model/errors.ts";
import type { ClaimNames } from "../dependencies/settings.ts";
import type { Claims } from "./http-event.ts";

/** Returns a list claim: an array, or a string as OAuth (`a b`) or API Gateway (`[a b]`) writes it. A single value is a list of one. */
const listOf = (claim: unknown): string[] => {
  if (Array.isArray(claim)) return claim.map(String);
  if (typeof claim === "boolean") return [String(claim)];
  if (typeof claim !== "string") return [];
  return claim
    .replace(/^\[(.*)\]$/, "$1")
    .split(/\s+/)
    .filter((part) => part !== "");
};
const textOf = (claim: unknown): string | undefined =>
  typeof claim === "string" && claim !== "" ? claim : undefined;

const workspacesOf = (claims: Claims | undefined, { workspaces }: ClaimNames): string[] => {
  if (workspaces !== SCOPE_CLAIM) return listOf(claims?.[workspaces]);
  const prefix = `${WORKSPACE_SCOPES}/`;
  return listOf(claims?.[SCOPE_CLAIM])
    .filter((scope) => scope.startsWith(prefix))
    .map((scope) => scope.slice(prefix.length));
};

/**
 * Returns the identity that a token was issued to. A token of the client-credentials grant names its client and no other subject. A
 * user's token may also name the client that the user signed in with. Throws `unauthorized` for a token without a subject.
 */
export const identityOf = (claims: Claims | undefined, names: ClaimNames): Identity => {
  const subject = textOf(claims?.["sub"]);
  const client = textOf(claims?.["client_id"]);
  if (client !== undefined && (subject === undefined || subject === client)) {
    return {
      kind: "client",
      id: client,
      scopes: listOf(claims?.[SCOPE_CLAIM]),
      workspaces: workspacesOf(claims, names),
    };
  }
  if (subject === undefined) throw new SluiceError("unauthorized", "The token has no subject");
  const platform = listOf(claims?.[names.platform]).includes(names.platformValue);
  return { kind: "user", id: subject, platform };
};
