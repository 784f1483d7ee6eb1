import { Alert } from "@mantine/core";
import { IconClockEdit, IconPlugConnectedX } from "@tabler/icons-react";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect } from "react";
import { probe, serverNow, useClockOffset } from "../api/client.ts";
import { durationText } from "../components/format.ts";
import { Time } from "../components/time.tsx";
import { consoleConfig } from "../session/config.ts";
import { PROBE_MS, useIsConnected } from "../session/connection.ts";

/** Banners for every page: the service cannot be reached, or the clock is not the real one. */
export function Banners() {
  return (
    <>
      <ConnectionBanner />
      <ClockBanner />
    </>
  );
}

/** While the service cannot be reached, tries again; then reads the page again. */
function ConnectionBanner() {
  const isConnected = useIsConnected();
  const queries = useQueryClient();
  useEffect(() => {
    if (isConnected) return;
    const timer = setInterval(() => {
      if (document.visibilityState === "visible") probe();
    }, PROBE_MS);
    return () => {
      clearInterval(timer);
      queries.invalidateQueries();
    };
  }, [isConnected, queries]);
  if (isConnected) return null;
  return (
    <Alert color="red" mb="md" role="alert" icon={<IconPlugConnectedX aria-hidden />} title="Connection lost">
      The page shows what it last received. It reconnects by itself; until then, actions are refused and
      nothing is sent later.
    </Alert>
  );
}

/** A difference that no network and no wrong clock of a computer explains. */
const MOVED_MS = 60_000;

/** On the local stack, the clock can be moved; then times on the page are not those of the world. */
function ClockBanner() {
  const offset = useClockOffset();
  const config = useQuery({
    queryKey: ["config"],
    queryFn: consoleConfig,
    staleTime: Number.POSITIVE_INFINITY,
  });
  if (config.data?.signIn.kind !== "local" || Math.abs(offset) < MOVED_MS) return null;
  return (
    <Alert
      color="blue"
      mb="md"
      role="status"
      icon={<IconClockEdit aria-hidden />}
      title="The clock of this stack has been moved"
    >
      For Sluice it is <Time at={new Date(serverNow()).toISOString()} absolute />,{" "}
      {durationText(Math.abs(offset))} ahead. Restart the stack with other data to return to the real time.
    </Alert>
  );
}
