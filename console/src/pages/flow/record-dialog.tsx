import { JsonInput, Text } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useMemo, useState } from "react";
import type { Run } from "../../../../shared/model/schemas/run.ts";
import { call } from "../../api/client.ts";
import { parsedJson } from "../../components/parsed-json.ts";
import { failed, succeeded } from "../../components/toasts.ts";
import { FlowDialog, type FlowDialogProps } from "./dialog.tsx";

/** Starts a run by hand, and goes there. A second click or a retry sends nothing twice. */
export function RecordDialog({ workspace, flow, onClose }: FlowDialogProps) {
  const [text, setText] = useState("{}");
  // biome-ignore lint/correctness/useExhaustiveDependencies: another payload is another record
  const key = useMemo(() => crypto.randomUUID(), [text]);
  const queries = useQueryClient();
  const navigate = useNavigate();
  const payload = parsedJson(text);
  const send = useMutation({
    mutationFn: (value: unknown) =>
      call<Run>(workspace, `/flows/${encodeURIComponent(flow.flowId)}/runs`, {
        method: "POST",
        body: { payload: value },
        idempotencyKey: key,
      }),
    onSuccess: (run) => {
      succeeded(run.queued ? "Record queued" : "Record sent");
      queries.invalidateQueries({ queryKey: [workspace, "list"] });
      navigate({
        to: "/$workspace/monitoring/workflow-runs/$runId",
        params: { workspace, runId: run.runId },
      });
    },
    onError: (error) => failed("Failed to send the record", error),
  });
  return (
    <FlowDialog
      title="Send a test record"
      confirm="Send"
      busy={send.isPending}
      disabled={payload === undefined}
      onClose={onClose}
      onConfirm={() => payload && send.mutate(payload.value)}
    >
      <Text size="sm">
        It starts a run like any other record does
        {flow.holds.length > 0 ? "; the flow is held, so it is queued" : ""}.
      </Text>
      <JsonInput
        label="Payload"
        value={text}
        onChange={setText}
        validationError="This is not JSON"
        autosize
        minRows={6}
        maxRows={20}
        styles={{ input: { fontFamily: "var(--mantine-font-family-monospace)" } }}
      />
    </FlowDialog>
  );
}
