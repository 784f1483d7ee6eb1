import { Button, Center, Loader, Paper, Stack, Text, TextInput, Title } from "@mantine/core";
import { useMutation, useQuery } from "@tanstack/react-query";
import { Navigate, useSearch } from "@tanstack/react-router";
import { useEffect, useState, useSyncExternalStore } from "react";
import { Failure } from "../../components/states.tsx";
import { useTitle } from "../../components/title.ts";
import { failed } from "../../components/toasts.ts";
import { type ConsoleConfig, consoleConfig, type SignIn } from "../../session/config.ts";
import { session } from "../../session/session.ts";

export function SignInPage() {
  const { returnTo = "/" } = useSearch({ from: "/sign-in" });
  useTitle("Sign in");
  const config = useQuery({
    queryKey: ["config"],
    queryFn: consoleConfig,
    staleTime: Number.POSITIVE_INFINITY,
  });
  const current = useSyncExternalStore(session.subscribe, session.current);
  if (current !== undefined) return <Navigate to={returnTo} replace />;
  return (
    <Center mih="100vh" p="md" component="main">
      <Paper withBorder p="xl" w="100%" maw={380}>
        <Stack>
          <Title order={1} size="h3">
            Sign in to Sluice
          </Title>
          {config.isPending && <Loader aria-label="Loading" />}
          {config.isError && <Failure error={config.error} retry={() => config.refetch()} />}
          {config.data && <SignInMethod config={config.data} returnTo={returnTo} />}
        </Stack>
      </Paper>
    </Center>
  );
}

function SignInMethod({ config, returnTo }: { config: ConsoleConfig; returnTo: string }) {
  return config.signIn.kind === "local" ? (
    <LocalUsers users={config.signIn.users} />
  ) : (
    <Issuer signIn={config.signIn} returnTo={returnTo} />
  );
}

const localToken = async (user: string): Promise<string> => {
  const answer = await fetch("/local/token", {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ user }),
  });
  const body = (await answer.json()) as { accessToken?: string; detail?: string };
  if (body.accessToken === undefined) throw new Error(body.detail ?? `The server answered ${answer.status}`);
  return body.accessToken;
};

/** The local stack issues a token for any user name. */
function LocalUsers({ users }: { users: readonly string[] }) {
  const [other, setOther] = useState("");
  const enter = useMutation({
    mutationFn: localToken,
    onSuccess: (token) => session.begin(token),
    onError: (error) => failed("Failed to sign in", error),
  });
  return (
    <Stack gap="xs">
      <Text size="sm" c="dimmed">
        This is a local stack. Sign in as any of its users.
      </Text>
      {users.map((user) => (
        <Button key={user} variant="default" onClick={() => enter.mutate(user)} disabled={enter.isPending}>
          {user}
        </Button>
      ))}
      <form
        onSubmit={(event) => {
          event.preventDefault();
          if (other.trim() !== "") enter.mutate(other.trim());
        }}
      >
        <TextInput
          label="Another user ID"
          value={other}
          onChange={(event) => setOther(event.currentTarget.value)}
          autoComplete="off"
        />
      </form>
    </Stack>
  );
}

function Issuer({ signIn, returnTo }: { signIn: Extract<SignIn, { kind: "oidc" }>; returnTo: string }) {
  const enter = useMutation({
    mutationFn: async () => {
      const { beginOidc } = await import("../../session/oidc.ts");
      await beginOidc(signIn, returnTo);
    },
    onError: (error) => failed("Failed to sign in", error),
  });
  return (
    <Button onClick={() => enter.mutate()} loading={enter.isPending}>
      Sign in
    </Button>
  );
}

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
