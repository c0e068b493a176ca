// Colours and patterns of lines: those of the server's charts (internal/chart/theme.go), on paper
// and in the dark. Every line has a pattern of its own, so that the chart can
// be read without its colours.
import type { Unit } from "../model.ts";

export interface Pen { width: number; ink: string; dash: number[] }

const widths = [2.2, 1.8, 1.3, 1.8, 1.8, 1.3, 3, 1.3, 1.3, 2.6, 1.3, 2.6];
const dashes = [[], [7, 3], [], [2, 3], [9, 3, 2, 3], [4, 2], [], [9, 3, 2, 3, 2, 3], [], [2, 4], [12, 4], [5, 5]];
const hues = [0, 1, 2, 3, 4, 5, 6, 0, 1, 2, 3, 4];
const inks = {
  light: ["#005a92", "#b34800", "#1b1f24", "#007655", "#9a3f74", "#8a6500", "#5f6771"],
  dark: ["#6cc1f2", "#f0975a", "#eceef0", "#2fc49a", "#e39ac6", "#e0c341", "#9aa4b0"],
};

export type Shade = keyof typeof inks;

export function pen(i: number, shade: Shade): Pen {
  const n = i % widths.length;
  return { width: widths[n]!, ink: inks[shade][hues[n]!]!, dash: dashes[n]! };
}

export interface Palette {
  ink: string; muted: string; grid: string; axis: string; ground: string; hatch: string; unseen: string; faint: string; across: string;
  amber: string; amberBand: string; red: string; redBand: string; good: string;
}

export const palettes: Record<Shade, Palette> = {
  light: {
    ink: "#1b1f24", muted: "#555e69", grid: "#e1e4e8", axis: "#6b7480", ground: "#ffffff", hatch: "#9aa2ac", unseen: "#f1f2f4", faint: "#c3c8cf",
    across: "rgba(27,31,36,.5)", amber: "#f0a81c", amberBand: "rgba(240,168,28,.14)", red: "#a31f14", redBand: "rgba(194,59,34,.13)", good: "#2f8f6f",
  },
  dark: {
    ink: "#eceff2", muted: "#a9b2bd", grid: "#2c333b", axis: "#828c97", ground: "#14171b", hatch: "#5c6671", unseen: "#1e242b", faint: "#49525c",
    across: "rgba(236,239,242,.55)", amber: "#f0a81c", amberBand: "rgba(240,168,28,.13)", red: "#e0523f", redBand: "rgba(224,82,63,.2)", good: "#4fb894",
  },
};

/** How strong the tint under the first line is. */
export const tint: Record<Shade, number> = { light: 0.1, dark: 0.14 };

export const scaleOf = (unit: Unit): "y" | "y2" => (unit === "posts" ? "y" : "y2");
