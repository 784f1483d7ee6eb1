import { notSignedIn } from "../failure.ts";
import { fetchPatiently } from "../http/patient-fetch.ts";
import { expiryOf, type Tokens } from "./token-request.ts";

/** A token of the local stack's own issuer, which asks for no password. */
export const localToken = async (
  url: string,
  subject: Readonly<Record<string, unknown>>,
): Promise<Tokens> => {
  const response = await fetchPatiently(
    `${url}/local/token`,
    {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(subject),
      redirect: "error",
    },
    true,
  );
  const body = (await response.json().catch(() => ({}))) as { accessToken?: unknown; detail?: unknown };
  if (typeof body.accessToken === "string")
    return { accessToken: body.accessToken, expiresAt: expiryOf(body.accessToken) };
  const why = typeof body.detail === "string" ? `: ${body.detail}` : "; is this a local stack?";
  throw notSignedIn(`${url}/local/token answered ${response.status}${why}`);
};
