import "@mantine/core/styles.css";
import "@mantine/notifications/styles.css";
import "./main.css";
import { createTheme, MantineProvider } from "@mantine/core";
import { Notifications } from "@mantine/notifications";
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { RouterProvider } from "@tanstack/react-router";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { ApiError } from "../../shared/client/api-error.ts";
import { keepRenewing } from "./session/issuer.ts";
import { session } from "./session/session.ts";
import { router } from "./shell/router.tsx";

export const theme = createTheme({
  primaryColor: "blue",
  // Text on filled buttons and badges reaches the contrast of WCAG AA.
  primaryShade: { light: 8, dark: 8 },
  autoContrast: true,
  luminanceThreshold: 0.36,
  defaultRadius: "md",
  fontFamily: "system-ui, -apple-system, 'Segoe UI', Roboto, sans-serif",
  cursorType: "pointer",
  respectReducedMotion: true,
  // The close buttons of dialogs and toasts have no text.
  components: {
    Modal: { defaultProps: { closeButtonProps: { "aria-label": "Dismiss" } } },
    // The page has one banner: its header.
    ModalHeader: { defaultProps: { component: "div" } },
    Notification: { defaultProps: { closeButtonProps: { "aria-label": "Dismiss" } } },
  },
});

/** Whether the service refused in a way that a retry would not change. */
const isFinal = (error: unknown): boolean =>
  error instanceof ApiError && error.status !== undefined && error.status < 500 && error.status !== 429;

const queries = new QueryClient({
  defaultOptions: {
    queries: {
      // A hidden page does not poll. It refreshes as soon as it is visible.
      refetchIntervalInBackground: false,
      refetchOnWindowFocus: "always",
      staleTime: 1_000,
      retry: (count, error) => count < 2 && !isFinal(error),
    },
    // An action is refused at once while the browser is offline. It is never sent later, when nobody expects it any more.
    mutations: { networkMode: "always" },
  },
});

// A person's data must not outlive their session.
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

const root = document.getElementById("root");
if (root === null) throw new Error("The page has no root");
// If the configuration is missing, the page reports it.
keepRenewing().catch(() => undefined);
createRoot(root).render(
  <StrictMode>
    <App />
  </StrictMode>,
);
