// Writes web/dist: the page, and the fonts that the page and the server's charts are set in.
// The same sources give the same bytes. Nothing is fetched here: npm ci has done that.
import { cp, mkdir, readdir, rm, stat } from "node:fs/promises";
import { join } from "node:path";

const here = import.meta.dirname;
const dist = join(here, "dist");
const fonts = join(here, "node_modules", "pretendard", "dist");

// From what is installed to where it is served. The server draws PNG charts with the OTF files;
// browsers take the smaller ones, which have the 2,780 Hangul syllables in common use.
const copies = [
  ["public/static/Pretendard-Regular.otf", "fonts/Pretendard-Regular.otf"],
  ["public/static/Pretendard-SemiBold.otf", "fonts/Pretendard-SemiBold.otf"],
  ["web/static/woff2-subset/Pretendard-Regular.subset.woff2", "fonts/Pretendard-Regular.woff2"],
  ["web/static/woff2-subset/Pretendard-SemiBold.subset.woff2", "fonts/Pretendard-SemiBold.woff2"],
  ["LICENSE.txt", "fonts/OFL.txt"],
];

try {
  await stat(fonts);
} catch {
  console.error("The fonts are not installed: run npm ci in web/ first.");
  process.exit(1);
}

await mkdir(dist, { recursive: true });
for (const name of await readdir(dist)) {
  if (name !== ".keep") await rm(join(dist, name), { recursive: true });
}
await cp(join(here, "src"), dist, { recursive: true });
await mkdir(join(dist, "fonts"));
for (const [from, to] of copies) await cp(join(fonts, from), join(dist, to));
console.log(`${dist} is built`);
