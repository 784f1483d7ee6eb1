import { createClient } from "../../../shared/client/client.ts";
import { consoleConfig } from "../session/config.ts";
import { renewSession } from "../session/issuer.ts";
import { session } from "../session/session.ts";
import { learnServerTime, serverNow } from "./server-time.ts";

/** The public API, called with the session's token. */
export const api = createClient({
  url: "",
  fetch: async (path, init) => {
    const { apiUrl = "" } = await consoleConfig();
    const response = await fetch(apiUrl + path, init);
    learnServerTime(response);
    return response;
  },
  token: async (rejected) => {
    if (rejected !== undefined && session.current()?.token === rejected) session.end();
    // A token that expired while the computer slept is renewed before it is sent: API Gateway's answer to an expired
    // token has no CORS headers, so this page could not read it.
    const expiresAt = session.current()?.expiresAt;
    if (expiresAt !== undefined && expiresAt <= serverNow()) await renewSession();
    return session.current()?.token;
  },
});
