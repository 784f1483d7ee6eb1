import { Text, Tooltip } from "@mantine/core";
import { useEffect, useState } from "react";
import { serverNow } from "../api/client.ts";

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

const UNITS = [
  ["d", 86_400],
  ["h", 3_600],
  ["min", 60],
  ["s", 1],
] as const;

/** The two largest units: `3 d 4 h`, `5 min 0 s`, `0.4 s`. */
export const durationText = (milliseconds: number): string => {
  const seconds = Math.max(0, milliseconds) / 1_000;
  if (seconds < 10) return `${seconds.toFixed(1)} s`;
  const first = UNITS.findIndex(([, size]) => seconds >= size);
  const [unit, size] = UNITS[first] ?? ["s", 1];
  const next = UNITS[first + 1];
  const whole = Math.floor(seconds / size);
  return next === undefined
    ? `${whole} ${unit}`
    : `${whole} ${unit} ${Math.floor((seconds % size) / next[1])} ${next[0]}`;
};

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
