import { ACCOUNT, REGION } from "../aws/function-name.ts";

export const scheduleArn = (group: string, name: string): string =>
  `arn:aws:scheduler:${REGION}:${ACCOUNT}:schedule/${group}/${name}`;

export const groupArn = (name: string): string =>
  `arn:aws:scheduler:${REGION}:${ACCOUNT}:schedule-group/${name}`;
