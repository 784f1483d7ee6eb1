import { TransactionCanceledException } from "@aws-sdk/client-dynamodb";
import type { Table } from "./table.ts";

/** A transaction whose refusal, by a condition or a rival at the same moment, is an answer: false, and nothing is written. */
export const transacted = async (
  table: Table,
  writes: Parameters<Table["transact"]>[0],
): Promise<boolean> => {
  try {
    await table.transact(writes);
    return true;
  } catch (error) {
    if (!(error instanceof TransactionCanceledException)) throw error;
    const refused = error.CancellationReasons?.some((reason) => reason.Code === "ConditionalCheckFailed");
    const conflict = error.CancellationReasons?.some((reason) => reason.Code === "TransactionConflict");
    if (refused === true || conflict === true) return false;
    throw error;
  }
};
