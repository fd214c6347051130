import { exponentials, passChain, segmentProbability } from "../linear/chain";
import { bestSpans, spanProbability, type TaggedText } from "../recipes/tagger";
import type { ExportOrder, Parity } from "../task";
import { chainOf, type SpanSettings } from "./text-entities.answers";
import { spanTask } from "./text-entities.predict";
import { exportWords, type LeavingWords } from "./trials.export";

const leaving: LeavingWords<string, TaggedText, SpanSettings> = {
  samples: (texts) => [...texts],
  differences({ words }, own, found, settings, labels) {
    const n = words.spans.length;
    if (n === 0) return [];
    const chain = chainOf(settings, labels);
    const spans = [own, found].flatMap((scores) => bestSpans(words, scores, chain, labels));
    const [here = [], there = []] = [own, found].map((scores) => {
      const lattice = passChain(scores, 0, n, chain, exponentials(chain));
      // Texts in which nothing is found say something too: how probable that is.
      const nothing = segmentProbability(lattice, 0, new Array<number>(n).fill(0), 0);
      return [nothing, ...spans.map((span) => spanProbability(lattice, span, labels))];
    });
    return here.map((probability, i) => probability - (there[i] ?? Number.NaN));
  },
};

/** Writes a trained tagger as files that run without the platform. Throws when they would find other spans. */
export const exportTagger = (order: ExportOrder): Promise<Parity> =>
  exportWords({ ...spanTask, ...leaving }, order);
