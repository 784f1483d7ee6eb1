import { consoleConfig } from "./config.ts";
import { session } from "./session.ts";

export const signOut = async (): Promise<void> => {
  const { signIn } = await consoleConfig();
  if (signIn.kind === "local") return session.end();
  const { endOidc } = await import("./oidc.ts");
  await endOidc(signIn);
};
