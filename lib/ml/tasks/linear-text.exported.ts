import type { TextFolder } from "../portable/text-folder";
import type { Exported } from "./exported";
import type { LinearAnswers } from "./linear-text";

/** An exported model of a task that is linear in its texts. Throws when a file is missing. */
export async function openExportedLinear<Output, Settings>(
  folder: TextFolder,
  { inputs, figures, say }: LinearAnswers<Output, Settings>,
): Promise<Exported<Output>> {
  const settled = await folder.json<Settings>("settings.json");
  // What answers a number chooses between nothing.
  const names = figures === "probabilities" ? await folder.json<string[]>("labels.json") : [];
  const width = Math.max(1, names.length);
  return {
    settings: folder.settings,
    inputs,
    abstainBelow: null,
    predict: (rows, topK) =>
      folder.answer(rows, width, ({ rows: read, output }) => {
        const found = output(figures);
        return read.map((_, i) => say(found.subarray(i * width, (i + 1) * width), settled, names, topK));
      }),
  };
}
