import { MantineProvider } from "@mantine/core";
import { Notifications } from "@mantine/notifications";
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { RouterProvider } from "@tanstack/react-router";
import { ApiError } from "../api/client.ts";
import { session } from "../session/session.ts";
import { router } from "./router.tsx";
import { theme } from "./theme.ts";

const queries = new QueryClient({
  defaultOptions: {
    queries: {
      // What a hidden page would show nobody asks for; it is asked for at once when the page is shown again.
      refetchIntervalInBackground: false,
      refetchOnWindowFocus: "always",
      staleTime: 1_000,
      retry: (count, error) =>
        !(error instanceof ApiError && error.status < 500 && error.status !== 429) && count < 2,
    },
  },
});

// Another person's data must not outlive their session.
let signedIn = session.current()?.userId;
session.subscribe(() => {
  const userId = session.current()?.userId;
  if (userId !== signedIn) queries.clear();
  signedIn = userId;
  router.invalidate();
});

export function App() {
  return (
    <MantineProvider theme={theme} defaultColorScheme="auto">
      <QueryClientProvider client={queries}>
        {/* At the bottom: the buttons that people press next are at the top. */}
        <Notifications position="bottom-right" />
        <RouterProvider router={router} />
      </QueryClientProvider>
    </MantineProvider>
  );
}
