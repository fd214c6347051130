import { floatsOf } from "../arrays";
import { scoreWords, type TaggedText } from "../recipes/tagger";
import type { SpansOutput } from "./text-entities";
import { foundSpans, type SpanSettings } from "./text-entities.answers";
import type { WordTask } from "./trials.predict";

/** A tagger as it is served. */
export const spanTask: WordTask<string, TaggedText, SpansOutput, SpanSettings> = {
  ...foundSpans,
  texts: (text) => [text],
  settingsOf: ({ file }) => ({ transitions: [...floatsOf(file("transitions.f32"))] }),
  score: scoreWords,
};
