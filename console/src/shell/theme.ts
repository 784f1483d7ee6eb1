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
});
