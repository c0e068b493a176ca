// Builds web/dist: the pages, and the fonts that they and the server's charts are set in. The same
// sources give the same bytes. Nothing is fetched here: npm ci has done that.
import { cpSync, existsSync, mkdirSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { defineConfig } from "vite";

const here = import.meta.dirname;
const dist = join(here, "dist");
const installed = join(here, "node_modules", "pretendard", "dist");

// From what is installed to where it is served. The server draws PNG charts with the OTF files;
// browsers take the smaller ones: one with the 2,780 Hangul syllables in common use, and slices
// for the rest (src/fonts.css says which letters are where).
const slices = [71, 79, 81, 82, 86, 87, 88, 91];
const fonts = [["LICENSE.txt", "OFL.txt"]];
for (const face of ["Pretendard-Regular", "Pretendard-SemiBold"]) {
  fonts.push([`public/static/${face}.otf`, `${face}.otf`]);
  fonts.push([`web/static/woff2-subset/${face}.subset.woff2`, `${face}.woff2`]);
  for (const n of slices) fonts.push([`web/static/woff2-dynamic-subset/${face}.subset.${n}.woff2`, `${face}.${n}.woff2`]);
}

// The API's reference at /docs: Swagger UI as it is published, with a page of ours around it.
const swagger = join(here, "node_modules", "swagger-ui-dist");

const laid = {
  name: "outcry-dist",
  apply: "build",
  buildStart() {
    if (!existsSync(installed)) this.error("The fonts are not installed: run npm ci in web/ first.");
    mkdirSync(dist, { recursive: true });
    for (const name of readdirSync(dist)) {
      if (name !== ".keep") rmSync(join(dist, name), { recursive: true }); // .keep is in git
    }
  },
  closeBundle() {
    mkdirSync(join(dist, "fonts"), { recursive: true });
    for (const [from, to] of fonts) cpSync(join(installed, from), join(dist, "fonts", to));
    cpSync(join(here, "docs"), join(dist, "docs"), { recursive: true });
    for (const name of ["swagger-ui-bundle.js", "swagger-ui-bundle.js.LICENSE.txt", "swagger-ui.css", "LICENSE", "NOTICE"]) cpSync(join(swagger, name), join(dist, "docs", name));
  },
};

export default defineConfig({
  plugins: [laid],
  build: {
    target: "es2022",
    emptyOutDir: false,
    assetsInlineLimit: 0, // the pages' policy allows no data: fonts or scripts
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
    rolldownOptions: { external: [/^\/fonts\//] },
  },
  oxc: { jsx: { runtime: "automatic", importSource: "preact" } },
});
