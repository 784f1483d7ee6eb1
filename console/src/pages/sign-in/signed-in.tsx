import { Center, Loader } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Navigate } from "@tanstack/react-router";
import { Failure } from "../../components/states.tsx";
import { consoleConfig } from "../../session/config.ts";

const finish = async (): Promise<string> => {
  const { signIn } = await consoleConfig();
  if (signIn.kind === "local") return "/";
  const { finishOidc } = await import("../../session/oidc.ts");
  return finishOidc(signIn);
};

/** Where the issuer sends people back to. */
export function SignedInPage() {
  // The issuer's code is good once.
  const { data, error } = useQuery({
    queryKey: ["signed-in"],
    queryFn: finish,
    retry: false,
    staleTime: Number.POSITIVE_INFINITY,
    refetchOnWindowFocus: false,
  });
  if (data !== undefined) return <Navigate to={data} replace />;
  return (
    <Center mih="100vh" component="main">
      {error === null ? <Loader aria-label="Signing in" /> : <Failure error={error} />}
    </Center>
  );
}
