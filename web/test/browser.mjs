// A browser for tests: the machine's own Chromium, without a network of its own.
import { existsSync } from "node:fs";
import { chromium } from "playwright-core";

const names = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome", "/usr/bin/google-chrome-stable",
  "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome", "/Applications/Chromium.app/Contents/MacOS/Chromium"];

export function launch() {
  const executablePath = process.env.CHROMIUM || names.find(existsSync);
  if (!executablePath) throw new Error("Chromium is missing: install it, or set CHROMIUM to its path.");
  return chromium.launch({
    executablePath, headless: true,
    args: ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"],
  });
}
