import { DeleteScheduleCommand } from "@aws-sdk/client-scheduler";
import {
  DeleteStateMachineCommand,
  ListStateMachinesCommand,
  StopExecutionCommand,
} from "@aws-sdk/client-sfn";
import { BatchWriteCommand, DynamoDBDocumentClient } from "@aws-sdk/lib-dynamodb";
import { BULK_MACHINE, DRAIN_MACHINE } from "../../../shared/model/machines/loop-machine.ts";
import type { Ledger, LedgerReader } from "../harness/ledger/ledger.ts";

const MAX_CONCURRENT = 25;
const EXECUTION = "arn:aws:states:us-east-1:000000000000:execution";
/** Whether the item existed before the first schedule. */
const isBase = ({ PK, SK }: Ledger["items"][number]): boolean =>
  PK === "W#demo" && /^(WORKSPACE|MEMBER|SETTINGS|VIEW)/.test(String(SK));

/** Removes everything that a schedule has left, past Sluice, so that the next one finds the stack empty. */
export const resetEnvironment = async (
  reader: LedgerReader,
  ledger: Ledger,
  idle: () => Promise<void>,
): Promise<void> => {
  const { dynamodb, states, scheduler } = reader;
  for (const name of ledger.running) {
    await states.send(new StopExecutionCommand({ executionArn: `${EXECUTION}:${name}` }));
  }
  if (ledger.running.length > 0) await idle();
  const { items, schedules } = ledger.running.length > 0 ? await reader.read() : ledger;
  const document = DynamoDBDocumentClient.from(dynamodb);
  const made = items.filter((item) => !isBase(item));
  for (let from = 0; from < made.length; from += MAX_CONCURRENT) {
    const some = made.slice(from, from + MAX_CONCURRENT);
    const requests = some.map(({ PK, SK }) => ({ DeleteRequest: { Key: { PK, SK } } }));
    await document.send(new BatchWriteCommand({ RequestItems: { sluice: requests } }));
  }
  for (const Name of schedules)
    await scheduler.send(new DeleteScheduleCommand({ GroupName: "sluice", Name }));
  const { stateMachines = [] } = await states.send(new ListStateMachinesCommand({}));
  for (const { name = "", stateMachineArn } of stateMachines) {
    if (name === DRAIN_MACHINE || name === BULK_MACHINE) continue;
    await states.send(new DeleteStateMachineCommand({ stateMachineArn }));
  }
};
