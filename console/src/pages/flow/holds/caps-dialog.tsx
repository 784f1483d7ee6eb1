import { Fieldset, Group, NativeSelect, NumberInput, Text, TextInput } from "@mantine/core";
import { useState } from "react";
import { MAX_SLOTS } from "../../../../../shared/model/limits.ts";
import { useChangeFlow } from "../../../api/flows.ts";
import { type FlowDialogProps, FormDialog } from "../../../components/form-dialog.tsx";
import { toasts } from "../../../components/toasts.ts";
import type { HoldingCap } from "./hold-title.ts";

const WINDOWS = ["minute", "hour", "day"] as const;
const PERIODS = ["day", "month"] as const;

/** Edits all caps of a flow, beside what has been used of them. `focus` names the cap whose field has the focus. */
export function CapsDialog({ workspace, flow, onClose, focus }: FlowDialogProps & { focus?: HoldingCap }) {
  const change = useChangeFlow(workspace, flow.flowId);
  const { caps } = flow;
  const [throughput, setThroughput] = useState<Limit<(typeof WINDOWS)[number]>>({
    limit: caps.throughput?.limit,
    unit: caps.throughput?.per ?? "hour",
  });
  const [spend, setSpend] = useState<Limit<(typeof PERIODS)[number]>>({
    limit: caps.spend?.limit,
    unit: caps.spend?.period ?? "month",
  });
  const [errors, setErrors] = useState<Limit<(typeof WINDOWS)[number]>>({
    limit: caps.errors?.count,
    unit: caps.errors?.per ?? "hour",
  });
  const [percent, setPercent] = useState(caps.errors?.percent);
  const [slots, setSlots] = useState(caps.concurrency?.limit);
  const [key, setKey] = useState(caps.concurrency?.key ?? "");
  const save = () =>
    change.mutate(
      {
        rev: flow.rev,
        change: {
          kind: "caps",
          body: {
            throughput:
              throughput.limit === undefined ? null : { limit: throughput.limit, per: throughput.unit },
            spend: spend.limit === undefined ? null : { limit: spend.limit, period: spend.unit },
            errors:
              errors.limit === undefined
                ? null
                : { count: errors.limit, per: errors.unit, ...(percent === undefined ? {} : { percent }) },
            concurrency: slots === undefined ? null : { limit: slots, ...(key === "" ? {} : { key }) },
          },
        },
      },
      toasts("Caps saved", "Failed to save caps", onClose),
    );
  return (
    <FormDialog title="Caps" confirm="Save caps" busy={change.isPending} onClose={onClose} onConfirm={save}>
      <Text size="sm">
        When a cap on throughput, spend or errors is reached, the flow is paused and new records are queued.
        Windows and periods follow the UTC calendar. Leave a field empty for no cap.
      </Text>
      <Fieldset legend="Throughput">
        <LimitFields
          label="Records"
          focus={focus === "throughput"}
          units={WINDOWS}
          value={throughput}
          onChange={setThroughput}
        />
        <Used flow={flow} cap="throughput" />
      </Fieldset>
      <Fieldset legend="Spend">
        <LimitFields
          label="Cost of the steps"
          allowDecimal
          focus={focus === "spend"}
          units={PERIODS}
          value={spend}
          onChange={setSpend}
        />
        <Used flow={flow} cap="spend" />
        <Text size="xs" c="dimmed" mt="xs">
          A flow that its spend cap has paused cannot be resumed: raise the cap above the amount used, or wait
          for the next period.
        </Text>
      </Fieldset>
      <Fieldset legend="Errors">
        <LimitFields
          label="Failed runs"
          focus={focus === "errors"}
          units={WINDOWS}
          value={errors}
          onChange={setErrors}
        />
        <Used flow={flow} cap="errors" />
        <NumberInput
          label="Share of the runs that ended, in percent (optional)"
          description="If given, this share must have failed too."
          mt="xs"
          min={1}
          max={100}
          disabled={errors.limit === undefined}
          value={percent ?? ""}
          onChange={(value) => setPercent(typeof value === "number" && value > 0 ? value : undefined)}
        />
      </Fieldset>
      <Fieldset legend="Concurrency">
        <NumberInput
          label="Runs at once"
          description="More records wait, and each end of a run starts the next. The flow stays active."
          min={1}
          max={MAX_SLOTS}
          value={slots ?? ""}
          onChange={(value) => setSlots(typeof value === "number" && value > 0 ? value : undefined)}
        />
        <TextInput
          label="Per key (optional)"
          description="A JSONPath of the payload, such as $.customer. Each of its values has as many runs."
          mt="xs"
          disabled={slots === undefined}
          value={key}
          onChange={(event) => setKey(event.currentTarget.value)}
        />
      </Fieldset>
    </FormDialog>
  );
}

/** Shows the amount of a cap that has been used, and whether the cap holds the flow. */
function Used({ flow, cap }: { flow: FlowDialogProps["flow"]; cap: HoldingCap }) {
  if (flow.caps[cap] == null) return null;
  return (
    <Text size="xs" c="dimmed" mt="xs">
      Used: {flow.meters[cap]?.used ?? 0}.{" "}
      {flow.holds.some(({ kind }) => kind === cap) ? "The flow is held by this cap." : ""}
    </Text>
  );
}

interface Limit<Unit> {
  readonly limit: number | undefined;
  readonly unit: Unit;
}

/** A limit and the unit of time that it is for. */
function LimitFields<Unit extends string>(props: {
  label: string;
  focus: boolean;
  allowDecimal?: boolean;
  units: readonly Unit[];
  value: Limit<Unit>;
  onChange: (value: Limit<Unit>) => void;
}) {
  const { label, focus, allowDecimal = false, units, value, onChange } = props;
  return (
    <Group align="end" grow>
      <NumberInput
        label={label}
        {...(focus ? { "data-autofocus": true } : {})}
        min={allowDecimal ? 0 : 1}
        allowDecimal={allowDecimal}
        value={value.limit ?? ""}
        onChange={(limit) =>
          onChange({ ...value, limit: typeof limit === "number" && limit > 0 ? limit : undefined })
        }
      />
      <NativeSelect
        label="per"
        data={[...units]}
        value={value.unit}
        onChange={(event) => {
          const unit = units.find((known) => known === event.currentTarget.value) ?? value.unit;
          onChange({ ...value, unit });
        }}
      />
    </Group>
  );
}
