import { send } from "../../shared/client/send.ts";
import { notSignedIn } from "../failure.ts";
import { expiryOf, type Tokens } from "../session/tokens.ts";

/** Gets a token from the local stack's own issuer, which asks for no password. */
export const localToken = async (
  url: string,
  subject: Readonly<Record<string, unknown>>,
): Promise<Tokens> => {
  const response = await send(
    `${url}/local/token`,
    {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(subject),
    },
    "idempotent",
  );
  const body = (await response.json().catch(() => ({}))) as { accessToken?: unknown; detail?: unknown };
  if (typeof body.accessToken === "string")
    return { accessToken: body.accessToken, expiresAt: expiryOf(body.accessToken) };
  const why = typeof body.detail === "string" ? `: ${body.detail}` : ". Is this a local stack?";
  throw notSignedIn(`${url}/local/token answered ${response.status}${why}`);
};
