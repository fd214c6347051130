import { readdirSync, readFileSync, writeFileSync } from "node:fs";

/** The README's table of measured figures is made from bench/results/, so that no figure is typed by hand. */
const FROM = "<!-- made by npm run bench: from here -->";
const TO = "<!-- to here -->";
/** One order for a reader: the main job first, long runs last. */
const SUITES = ["spine", "engine", "queue", "serving", "commerce", "fields", "endurance"];

interface Kept {
  claim: string;
  measured: string;
  target: string;
  command: string;
}
const place = (file: string) => SUITES.findIndex((suite) => file.startsWith(`${suite}-`));

/** Padded as the formatter does it, which looks at the whole document. */
function tableOf(): string {
  const kept = readdirSync("bench/results")
    .filter((file) => file.endsWith(".json"))
    .sort((a, b) => place(a) - place(b) || (a < b ? -1 : 1))
    .map((file) => JSON.parse(readFileSync(`bench/results/${file}`, "utf8")) as Kept);
  const rows = [
    ["claim", "measured", "target", "command"],
    ...kept.map(({ claim, measured, target, command }) => [claim, measured, target, `\`${command}\``]),
  ];
  const widths = [0, 1, 2, 3].map((column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(" | ")} |`;
  const [head = [], ...body] = rows;
  return [line(head), line(widths.map((width) => "-".repeat(width))), ...body.map(line)].join("\n");
}

/** The README as it should read. */
export function readmeWithFigures(readme: string): string {
  const [from, to] = [readme.indexOf(FROM), readme.indexOf(TO)];
  if (from < 0 || to < from) throw new Error(`README.md lacks the marks "${FROM}" and "${TO}"`);
  return `${readme.slice(0, from + FROM.length)}\n\n${tableOf()}\n\n${readme.slice(to)}`;
}

export function renewReadme(): void {
  writeFileSync("README.md", readmeWithFigures(readFileSync("README.md", "utf8")));
}
