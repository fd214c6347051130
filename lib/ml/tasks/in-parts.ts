/**
 * Rows that are asked for at once. A tuned base takes up to half a minute for as many long ones, and a process that is
 * silent for minutes is taken for dead; fewer would leave little to put together by length.
 */
const PART_ROWS = 256;

/**
 * What each of some models answers for rows, of each model a list of parts in their order. Between them the process hears
 * that it shall stop, and says that it lives. The models are asked for one part after the other, by the same array, so
 * that what they have in common is computed once. Throws when aborted.
 */
export async function askInParts<Model, Answers>(
  models: readonly Model[],
  rows: readonly number[],
  signal: AbortSignal,
  ask: (model: Model, part: readonly number[]) => Answers,
): Promise<Answers[][]> {
  const answers = models.map((): Answers[] => []);
  for (let from = 0; from < rows.length; from += PART_ROWS) {
    const part = rows.slice(from, from + PART_ROWS);
    for (const [place, model] of models.entries()) {
      await new Promise((done) => setImmediate(done));
      signal.throwIfAborted();
      answers[place]?.push(ask(model, part));
    }
  }
  return answers;
}

/** The parts of one model. */
export const askOne = async <Model, Answers>(
  model: Model,
  rows: readonly number[],
  signal: AbortSignal,
  ask: (model: Model, part: readonly number[]) => Answers,
): Promise<Answers[]> => (await askInParts([model], rows, signal, ask))[0] ?? [];
