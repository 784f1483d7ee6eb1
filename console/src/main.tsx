import "@mantine/core/styles.css";
import "@mantine/notifications/styles.css";
import "./main.css";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { keepRenewing } from "./session/issuer.ts";
import { App } from "./shell/app.tsx";

const root = document.getElementById("root");
if (root === null) throw new Error("The page has no root");
// If the configuration is missing, the page reports it.
keepRenewing().catch(() => undefined);
createRoot(root).render(
  <StrictMode>
    <App />
  </StrictMode>,
);
