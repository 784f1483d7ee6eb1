import { Text } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useMemo, useState } from "react";
import type { Json } from "../../../../shared/model/json/json.ts";
import { api } from "../../api/client.ts";
import { type FlowDialogProps, FormDialog } from "../../components/form-dialog.tsx";
import { JsonField, parsedJson } from "../../components/json-field.tsx";
import { failed, succeeded } from "../../components/toasts.ts";

/** Starts a run and opens its page. A second click or a retry does not send the record twice. */
export function RecordDialog({ workspace, flow, onClose }: FlowDialogProps) {
  const [text, setText] = useState("{}");
  // biome-ignore lint/correctness/useExhaustiveDependencies: a different payload is a different record
  const key = useMemo(() => crypto.randomUUID(), [text]);
  const queries = useQueryClient();
  const navigate = useNavigate();
  const payload = parsedJson(text);
  const isRejecting = flow.mode === "reject" && flow.holds.some(({ kind }) => kind === "manual");
  const send = useMutation({
    mutationFn: (payload: Json) =>
      api.dispatchRun({ workspace, flowId: flow.flowId, body: { payload }, idempotencyKey: key }),
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
    <FormDialog
      title="Send a test record"
      confirm="Send"
      busy={send.isPending}
      disabled={payload === undefined}
      onClose={onClose}
      onConfirm={() => payload && send.mutate(payload.value)}
    >
      <Text size="sm">
        The record starts a run like any other record.
        {flow.status !== "active" &&
          ` The flow is paused, so the record is ${isRejecting ? "rejected" : "queued"}.`}
      </Text>
      <JsonField label="Payload" value={text} onChange={setText} />
    </FormDialog>
  );
}
