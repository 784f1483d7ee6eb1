import { consoleConfig } from "./config.ts";
import { session } from "./session.ts";

/** A new token for the session, without the person; false when they must sign in again. */
export const renewSession = async (): Promise<boolean> => {
  const { signIn } = await consoleConfig();
  if (signIn.kind === "local") return false;
  const { renewOidc } = await import("./oidc.ts");
  return renewOidc(signIn);
};

/** A page that was loaded again, with its session, goes on renewing it in time. */
export const keepRenewing = async (): Promise<void> => {
  if (session.current() === undefined) return;
  const { signIn } = await consoleConfig();
  if (signIn.kind === "local") return;
  const { keepOidc } = await import("./oidc.ts");
  await keepOidc(signIn);
};
