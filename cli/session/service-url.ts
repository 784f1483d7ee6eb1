import { usage } from "../failure.ts";

const LOOPBACK = ["localhost", "127.0.0.1", "[::1]"];

/** The address of an API or an issuer, without a trailing slash. Tokens go there, so plain http is only for this machine. */
export const serviceUrl = (text: string, what: string): string => {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || !["https:", "http:"].includes(url.protocol))
    throw usage(`${what} must be a URL such as https://api.example.com, not ${text}.`);
  if (url.protocol === "http:" && !LOOPBACK.includes(url.hostname))
    throw usage(`${what} must use https: over http, tokens would be sent unencrypted.`);
  if (url.search !== "" || url.hash !== "" || url.username !== "" || url.password !== "")
    throw usage(`${what} must not contain a user name, a query or a fragment.`);
  return `${url.origin}${url.pathname}`.replace(/\/+$/, "");
};
