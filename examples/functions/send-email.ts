import { randomUUID } from "node:crypto";

/** Simulates a mail service. */
export const handler = async (mail: { to: string; template: string }) => {
  if (!mail.to.includes("@")) throw new Error(`Not an address: ${mail.to}`);
  return { messageId: randomUUID(), template: mail.template };
};
