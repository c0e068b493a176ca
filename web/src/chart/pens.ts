// Colours and patterns of lines: those of the server's charts (internal/chart/theme.go), and for
// dark pages the same hues lightened. Every line has a pattern of its own, so that the chart can
// be read without its colours.
import type { Unit } from "../model.ts";

export interface Pen { width: number; ink: string; dash: number[] }

const widths = [2.2, 1.8, 1.3, 1.8, 1.8, 1.3, 3, 1.3, 1.3, 2.6, 1.3, 2.6];
const dashes = [[], [7, 3], [], [2, 3], [9, 3, 2, 3], [4, 2], [], [9, 3, 2, 3, 2, 3], [], [2, 4], [12, 4], [5, 5]];
const hues = [0, 1, 2, 3, 4, 5, 6, 0, 1, 2, 3, 4];
const inks = {
  light: ["#005f99", "#b84a00", "#1b1f24", "#007655", "#9a3f74", "#8a6500", "#6a727c"],
  dark: ["#6cbcf5", "#f29a5b", "#eceff2", "#5fd3ae", "#e59ac4", "#e0bb4d", "#a4adb8"],
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
    across: "rgba(27,31,36,.5)", amber: "#f0a81c", amberBand: "rgba(240,168,28,.14)", red: "#a31f14", redBand: "rgba(194,59,34,.15)", good: "#2f8f6f",
  },
  dark: {
    ink: "#eceff2", muted: "#a9b2bd", grid: "#2b3138", axis: "#79838f", ground: "#14171b", hatch: "#5b646f", unseen: "#1e2329", faint: "#414a54",
    across: "rgba(236,239,242,.55)", amber: "#f0b23c", amberBand: "rgba(240,178,60,.15)", red: "#ff7a68", redBand: "rgba(255,105,85,.19)", good: "#4fb894",
  },
};

/** How strong the tint under the first line is. */
export const tint: Record<Shade, number> = { light: 0.1, dark: 0.14 };

export const scaleOf = (unit: Unit): "y" | "y2" => (unit === "posts" ? "y" : "y2");
