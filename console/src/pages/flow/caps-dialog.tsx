import { Fieldset, Group, NativeSelect, NumberInput, Text } from "@mantine/core";
import { useState } from "react";
import { useChangeFlow } from "../../api/flows.ts";
import { failed, succeeded } from "../../components/toasts.ts";
import { FlowDialog, type FlowDialogProps } from "./dialog.tsx";

const WINDOWS = ["minute", "hour", "day"] as const;
const PERIODS = ["day", "month"] as const;
const oneOf = <T extends string>(values: readonly T[], value: string, otherwise: T): T =>
  values.find((known) => known === value) ?? otherwise;

export function CapsDialog({ workspace, flow, onClose }: FlowDialogProps) {
  const change = useChangeFlow(workspace, flow.flowId);
  const [throughput, setThroughput] = useState<number | undefined>(flow.caps.throughput?.limit);
  const [per, setPer] = useState(flow.caps.throughput?.per ?? "hour");
  const [spend, setSpend] = useState<number | undefined>(flow.caps.spend?.limit);
  const [period, setPeriod] = useState(flow.caps.spend?.period ?? "month");
  const save = () =>
    change.mutate(
      {
        rev: flow.rev,
        change: {
          kind: "caps",
          throughput: throughput === undefined ? null : { limit: throughput, per },
          spend: spend === undefined ? null : { limit: spend, period },
        },
      },
      {
        onSuccess: () => {
          succeeded("Caps saved");
          onClose();
        },
        onError: (error) => failed("Failed to save caps", error),
      },
    );
  return (
    <FlowDialog title="Caps" confirm="Save caps" busy={change.isPending} onClose={onClose} onConfirm={save}>
      <Text size="sm">
        A cap that is reached pauses the flow; records are queued. Windows and periods are those of the UTC
        calendar. An empty field is no cap.
      </Text>
      <Fieldset legend="Throughput">
        <Group align="end" grow>
          <NumberInput
            label="Records"
            min={1}
            allowDecimal={false}
            value={throughput ?? ""}
            onChange={(value) => setThroughput(typeof value === "number" ? value : undefined)}
          />
          <NativeSelect
            label="a"
            data={[...WINDOWS]}
            value={per}
            onChange={(event) => setPer(oneOf(WINDOWS, event.currentTarget.value, per))}
          />
        </Group>
      </Fieldset>
      <Fieldset legend="Spend">
        <Group align="end" grow>
          <NumberInput
            label="Cost of the steps"
            min={0}
            value={spend ?? ""}
            onChange={(value) => setSpend(typeof value === "number" && value > 0 ? value : undefined)}
          />
          <NativeSelect
            label="a"
            data={[...PERIODS]}
            value={period}
            onChange={(event) => setPeriod(oneOf(PERIODS, event.currentTarget.value, period))}
          />
        </Group>
        <Text size="xs" c="dimmed" mt="xs">
          A pause by the spend cap has no Resume: raise the cap above the meter, or wait for the new period.
        </Text>
      </Fieldset>
    </FlowDialog>
  );
}
