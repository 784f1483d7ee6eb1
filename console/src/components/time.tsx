import { Text, Tooltip } from "@mantine/core";
import { useEffect, useState } from "react";
import { serverNow } from "../api/client.ts";
import { durationText } from "./format.ts";

const LOCAL = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "medium" });

/** A time in the viewer's zone, with the UTC time on hover and focus. */
export function Time({ at }: { at: string | undefined }) {
  if (at === undefined)
    return (
      <Text span c="dimmed">
        –
      </Text>
    );
  return (
    <Tooltip
      label={`${at.slice(0, 19).replace("T", " ")} UTC`}
      withArrow
      events={{ hover: true, focus: true, touch: true }}
    >
      <time dateTime={at} className="time">
        {LOCAL.format(new Date(at))}
      </time>
    </Tooltip>
  );
}

/** The current server time in epoch milliseconds, updated every second while `ticking`. */
export const useNow = (ticking: boolean): number => {
  const [now, setNow] = useState(serverNow);
  useEffect(() => {
    if (!ticking) return;
    setNow(serverNow());
    const timer = setInterval(() => setNow(serverNow()), 1_000);
    return () => clearInterval(timer);
  }, [ticking]);
  return now;
};

/** The time between two instants, or since the first. */
export function Duration({ from, to }: { from: string | undefined; to?: string | undefined }) {
  const now = useNow(from !== undefined && to === undefined);
  if (from === undefined) return <span>–</span>;
  const end = to === undefined ? now : Date.parse(to);
  return (
    <span style={{ whiteSpace: "nowrap", fontVariantNumeric: "tabular-nums" }}>
      {durationText(end - Date.parse(from))}
    </span>
  );
}
