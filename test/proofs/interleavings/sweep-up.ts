import { DeleteScheduleCommand } from "@aws-sdk/client-scheduler";
import {
  DeleteStateMachineCommand,
  ListStateMachinesCommand,
  StopExecutionCommand,
} from "@aws-sdk/client-sfn";
import { BatchWriteCommand, DynamoDBDocumentClient } from "@aws-sdk/lib-dynamodb";
import { BULK_MACHINE } from "../../../shared/model/machines/bulk-machine.ts";
import { DRAIN_MACHINE } from "../../../shared/model/machines/drain-machine.ts";
import type { BookKeeper, Books } from "../../harness/ledger/ledger.ts";

const MAX_CONCURRENT = 25;
const EXECUTION = "arn:aws:states:us-east-1:000000000000:execution";
/** What was there before the first schedule. */
const isBase = ({ PK, SK }: Books["items"][number]): boolean =>
  PK === "W#demo" && /^(WORKSPACE|MEMBER|SETTINGS|VIEW)/.test(String(SK));

/** Forgets what a schedule has left, past Sluice, so that the next finds a stack as empty. */
export const sweepUp = async (keeper: BookKeeper, books: Books, rest: () => Promise<void>): Promise<void> => {
  const { dynamodb, states, scheduler } = keeper;
  for (const name of books.running) {
    await states.send(new StopExecutionCommand({ executionArn: `${EXECUTION}:${name}` }));
  }
  if (books.running.length > 0) await rest();
  const { items, schedules } = books.running.length > 0 ? await keeper.read() : books;
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
