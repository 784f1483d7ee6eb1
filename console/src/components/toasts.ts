import { notifications } from "@mantine/notifications";

export const succeeded = (message: string): void => {
  notifications.show({ message, color: "green", withBorder: true });
};

/** What failed as the title, the server's own words below it. */
export const failed = (title: string, error: unknown): void => {
  notifications.show({
    title,
    message: error instanceof Error ? error.message : "Something went wrong",
    color: "red",
    withBorder: true,
    autoClose: 10_000,
  });
};
