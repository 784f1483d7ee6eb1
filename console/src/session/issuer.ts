import { consoleConfig } from "./config.ts";
import { session } from "./session.ts";

/** Renews the session's token; false if the person must sign in again. */
export const renewSession = async (): Promise<boolean> => {
  const { signIn } = await consoleConfig();
  if (signIn.kind === "local") return false;
  const { renewOidc } = await import("./oidc.ts");
  return renewOidc(signIn);
};

/** Resumes renewal of the session after a page load. */
export const keepRenewing = async (): Promise<void> => {
  if (session.current() === undefined) return;
  const { signIn } = await consoleConfig();
  if (signIn.kind === "local") return;
  const { keepOidc } = await import("./oidc.ts");
  await keepOidc(signIn);
};

export const signOut = async (): Promise<void> => {
  const { signIn } = await consoleConfig();
  if (signIn.kind === "local") return session.end();
  const { endOidc } = await import("./oidc.ts");
  await endOidc(signIn);
};
