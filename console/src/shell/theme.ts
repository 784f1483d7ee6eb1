import { createTheme } from "@mantine/core";

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
    Notification: { defaultProps: { closeButtonProps: { "aria-label": "Dismiss" } } },
  },
});
