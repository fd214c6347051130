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
  return {
    settings: folder.settings,
    inputs,
    abstainBelow: null,
    predict: (rows, topK) =>
      folder.answer(rows, folder.read, (_, output) => say(output(figures), settled, names, topK)),
  };
}
