import { Code } from "@mantine/core";

/** The command that dispatches a record to the flow. */
export function DispatchCommand({ flowId }: { flowId: string }) {
  return (
    <Code className="any-break">{`npx sluice runs dispatch ${flowId} --payload '{"orderId": "A-17"}'`}</Code>
  );
}
