import { notifications } from "@mantine/notifications";

export const succeeded = (message: string): void => {
  notifications.show({ message, color: "green", withBorder: true });
};

/** Shows a failure: the action as the title, the service's message below it. */
export const failed = (title: string, error: unknown): void => {
  notifications.show({
    title,
    message: error instanceof Error ? error.message : "Something went wrong",
    color: "red",
    withBorder: true,
    autoClose: 10_000,
  });
};

/** Handlers of a mutation that report its outcome; `then` runs after a success. */
export const toasts = (success: string, failure: string, then: () => void = () => undefined) => ({
  onSuccess: () => {
    succeeded(success);
    then();
  },
  onError: (error: unknown) => failed(failure, error),
});
