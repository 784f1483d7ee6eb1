import { Fieldset, Group, NativeSelect, NumberInput, Text } from "@mantine/core";
import { useState } from "react";
import { useChangeFlow } from "../../api/flows.ts";
import { FormDialog } from "../../components/form-dialog.tsx";
import { toasts } from "../../components/toasts.ts";
import type { FlowDialogProps } from "./dialog-props.ts";

const WINDOWS = ["minute", "hour", "day"] as const;
const PERIODS = ["day", "month"] as const;

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
          body: {
            throughput: throughput === undefined ? null : { limit: throughput, per },
            spend: spend === undefined ? null : { limit: spend, period },
          },
        },
      },
      toasts("Caps saved", "Failed to save caps", onClose),
    );
  return (
    <FormDialog title="Caps" confirm="Save caps" busy={change.isPending} onClose={onClose} onConfirm={save}>
      <Text size="sm">
        When a cap is reached, the flow is paused and new records are queued. Windows and periods follow the
        UTC calendar. Leave a field empty for no cap.
      </Text>
      <Fieldset legend="Throughput">
        <LimitFields
          label="Records"
          allowDecimal={false}
          limit={throughput}
          onLimit={setThroughput}
          units={WINDOWS}
          unit={per}
          onUnit={setPer}
        />
      </Fieldset>
      <Fieldset legend="Spend">
        <LimitFields
          label="Cost of the steps"
          allowDecimal
          limit={spend}
          onLimit={setSpend}
          units={PERIODS}
          unit={period}
          onUnit={setPeriod}
        />
        <Text size="xs" c="dimmed" mt="xs">
          A flow that its spend cap has paused cannot be resumed: raise the cap above the amount used, or wait
          for the next period.
        </Text>
      </Fieldset>
    </FormDialog>
  );
}

/** A limit and the unit of time that it is for. */
function LimitFields<Unit extends string>(props: {
  label: string;
  allowDecimal: boolean;
  limit: number | undefined;
  onLimit: (limit: number | undefined) => void;
  units: readonly Unit[];
  unit: Unit;
  onUnit: (unit: Unit) => void;
}) {
  const { label, allowDecimal, limit, onLimit, units, unit, onUnit } = props;
  return (
    <Group align="end" grow>
      <NumberInput
        label={label}
        min={allowDecimal ? 0 : 1}
        allowDecimal={allowDecimal}
        value={limit ?? ""}
        onChange={(value) => onLimit(typeof value === "number" && value > 0 ? value : undefined)}
      />
      <NativeSelect
        label="per"
        data={[...units]}
        value={unit}
        onChange={(event) => onUnit(units.find((known) => known === event.currentTarget.value) ?? unit)}
      />
    </Group>
  );
}
