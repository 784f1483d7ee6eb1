import { Text, Tooltip } from "@mantine/core";
import { useEffect, useState } from "react";
import { serverNow } from "../api/client.ts";
import { durationText, JUST_NOW_MS, relativeText } from "./format.ts";
import { useRoughNow } from "./rough-now.ts";

const LOCAL = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "medium" });

/**
 * A time. One in the past is shown relative to now, with the time itself on hover and focus; one in the future, which people plan
 * by, is shown in the viewer's zone, with its distance on hover and focus. `absolute` shows any time like that. The Tab key reaches a
 * time, except one that is `inOption`: part of something that has the focus itself.
 */
export function Time(props: { at: string | undefined; absolute?: boolean; inOption?: boolean }) {
  const { at, absolute = false, inOption = false } = props;
  const now = useRoughNow();
  if (at === undefined)
    return (
      <Text span c="dimmed">
        –
      </Text>
    );
  const distance = Date.parse(at) - now;
  const texts = [LOCAL.format(new Date(at)), relativeText(distance)];
  const [shown, other] = absolute || distance > JUST_NOW_MS ? texts : texts.reverse();
  return (
    <Tooltip
      label={`${other} (${at.slice(0, 19).replace("T", " ")} UTC)`}
      withArrow
      events={{ hover: true, focus: true, touch: true }}
    >
      <time dateTime={at} className="time" {...(inOption ? {} : { tabIndex: 0 })}>
        {shown}
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
