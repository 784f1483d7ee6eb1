import { Center, Loader } from "@mantine/core";
import { Navigate } from "@tanstack/react-router";
import { useEffect, useState } from "react";
import { Failure } from "../../components/states.tsx";
import { consoleConfig } from "../../session/config.ts";

const finish = async (): Promise<string> => {
  const { signIn } = await consoleConfig();
  if (signIn.kind === "local") return "/";
  const { finishOidc } = await import("../../session/oidc.ts");
  return finishOidc(signIn);
};

/**
 * The issuer's code works once, so each page load makes one attempt. It is not a query, because a new session clears all
 * queries.
 */
let finishing: Promise<string> | undefined;

/** The page that the issuer redirects to. */
export function SignedInPage() {
  const [returnTo, setReturnTo] = useState<string>();
  const [error, setError] = useState<unknown>();
  useEffect(() => {
    finishing ??= finish();
    finishing.then(setReturnTo, setError);
  }, []);
  if (returnTo !== undefined) return <Navigate to={returnTo} replace />;
  return (
    <Center mih="100vh" component="main">
      {error === undefined ? <Loader aria-label="Signing in" /> : <Failure error={error} />}
    </Center>
  );
}
