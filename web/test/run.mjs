// Runs the unit tests, which tsc has just written to node_modules/.test after it found no mistake
// in the types of src and test/unit.
import { spawnSync } from "node:child_process";
import { readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const out = join(import.meta.dirname, "..", "node_modules", ".test");
const written = join(out, "test", "unit");
const sources = new Set(readdirSync(join(import.meta.dirname, "unit")).map((name) => name.replace(/\.tsx?$/, ".js")));
const tests = readdirSync(written).filter((name) => name.endsWith(".test.js") && sources.has(name)); // not those of a deleted source

writeFileSync(join(out, "package.json"), '{"type":"module"}\n');
const { status } = spawnSync(process.execPath, ["--test", ...tests.map((name) => join(written, name))], { stdio: "inherit" });
process.exit(status ?? 1);
