import { Alert, Progress, Stack, Text } from "@mantine/core";
import { IconPlayerPauseFilled, IconShieldPause } from "@tabler/icons-react";
import { useEffect, useState } from "react";
import type { Flow } from "../../../../shared/model/schemas/flow.ts";
import { durationText, useNow } from "../../components/duration.tsx";
import { HelpLink } from "../../components/help-link.tsx";
import { Time } from "../../components/time.tsx";

type Hold = Flow["holds"][number];

/** Each hold with who and why, and when it ends by itself; and how far the queue is worked off after the last one. */
export function HoldBanners({ flow }: { flow: Flow }) {
  return (
    <Stack gap="sm">
      {flow.holds.map((hold) => (
        <HoldBanner key={hold.kind} flow={flow} hold={hold} />
      ))}
      {flow.draining !== null && <DrainProgress remaining={flow.draining.remaining} />}
    </Stack>
  );
}

const titleOf = ({ caps, meters }: Flow, { kind, by }: Hold): string => {
  if (kind === "manual") return `Paused by ${by}`;
  if (kind === "throughput")
    return caps.throughput
      ? `Throughput cap reached: ${caps.throughput.limit} a ${caps.throughput.per}`
      : "Throughput cap reached";
  const used = meters.spend?.used;
  return caps.spend
    ? `Spend cap reached: ${used ?? caps.spend.limit} of ${caps.spend.limit} a ${caps.spend.period}`
    : "Spend cap reached";
};

function HoldBanner({ flow, hold }: { flow: Flow; hold: Hold }) {
  const isManual = hold.kind === "manual";
  return (
    <Alert
      color={isManual ? "yellow" : "orange"}
      icon={isManual ? <IconPlayerPauseFilled aria-hidden /> : <IconShieldPause aria-hidden />}
      title={titleOf(flow, hold)}
      data-hold={hold.kind}
    >
      <Stack gap={4}>
        {hold.reason !== undefined && <Text size="sm">{hold.reason}</Text>}
        <Text size="sm">
          Since <Time at={hold.since} />.{" "}
          {flow.mode === "reject" && isManual
            ? "New records are refused."
            : `New records are queued: ${flow.queued} so far.`}{" "}
          Runs under way stand still where they are.
        </Text>
        {hold.resumeAt !== undefined && <Ending hold={hold} at={hold.resumeAt} />}
        <HelpLink document="pausing-a-flow">What a paused flow does</HelpLink>
      </Stack>
    </Alert>
  );
}

function Ending({ hold, at }: { hold: Hold; at: string }) {
  const left = Date.parse(at) - useNow(true);
  const what =
    hold.kind === "spend"
      ? "Lifts by itself when the cap is raised above the meter, or with the new period"
      : "Resumes by itself";
  return (
    <Text size="sm" style={{ fontVariantNumeric: "tabular-nums" }}>
      {what} {left > 0 ? `in ${durationText(left)}` : "any moment"} (<Time at={at} />)
    </Text>
  );
}

/** The most that was left since the page was opened is the whole. */
function DrainProgress({ remaining }: { remaining: number }) {
  const [most, setMost] = useState(remaining);
  useEffect(() => setMost((before) => Math.max(before, remaining)), [remaining]);
  const done = most === 0 ? 100 : ((most - remaining) / most) * 100;
  return (
    <Alert color="blue" title="Working off the queue">
      <Text size="sm" mb={6} style={{ fontVariantNumeric: "tabular-nums" }}>
        {remaining} {remaining === 1 ? "record" : "records"} left
      </Text>
      <Progress value={done} aria-label="Queue worked off" />
    </Alert>
  );
}
