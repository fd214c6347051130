import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { generator } from "../linear/svm";
import { type Tensor, writeSafetensors } from "./safetensors";

/** A BERT small enough to be computed twice: 2 layers, 8 wide, 2 heads, 20 words. For tests and benches. */
export const SMALL_BERT = {
  model_type: "bert",
  hidden_act: "gelu",
  hidden_size: 8,
  intermediate_size: 32,
  num_hidden_layers: 2,
  num_attention_heads: 2,
  layer_norm_eps: 1e-12,
  max_position_embeddings: 16,
};
export type SmallWeights = Map<string, Tensor>;

/** Writes `config.json` and `model.safetensors` of random weights, larger where asked; returns the weights. */
export async function writeSmallBert(
  dir: string,
  hidden = SMALL_BERT.hidden_size,
  positions = SMALL_BERT.max_position_embeddings,
): Promise<SmallWeights> {
  const wide = 4 * hidden;
  const weights: SmallWeights = new Map();
  const random = generator(7);
  const add = (name: string, ...shape: number[]) => {
    const size = shape.reduce((a, b) => a * b, 1);
    weights.set(name, { shape, values: Float32Array.from({ length: size }, () => random() - 0.5) });
  };
  add("embeddings.word_embeddings.weight", 20, hidden);
  add("embeddings.position_embeddings.weight", positions, hidden);
  add("embeddings.token_type_embeddings.weight", 2, hidden);
  const normal = (name: string) => [add(`${name}.weight`, hidden), add(`${name}.bias`, hidden)];
  const linear = (name: string, to: number, from: number) => [
    add(`${name}.weight`, to, from),
    add(`${name}.bias`, to),
  ];
  normal("embeddings.LayerNorm");
  for (const i of [0, 1]) {
    const layer = `encoder.layer.${i}`;
    for (const part of ["query", "key", "value"]) linear(`${layer}.attention.self.${part}`, hidden, hidden);
    linear(`${layer}.attention.output.dense`, hidden, hidden);
    normal(`${layer}.attention.output.LayerNorm`);
    linear(`${layer}.intermediate.dense`, wide, hidden);
    linear(`${layer}.output.dense`, hidden, wide);
    normal(`${layer}.output.LayerNorm`);
  }
  await writeSafetensors(join(dir, "model.safetensors"), weights);
  writeFileSync(
    join(dir, "config.json"),
    JSON.stringify({
      ...SMALL_BERT,
      hidden_size: hidden,
      intermediate_size: wide,
      max_position_embeddings: positions,
    }),
  );
  return weights;
}

const SMALL_WORDS = [
  "[PAD]",
  "[UNK]",
  "[CLS]",
  "[SEP]",
  ..."the a is my where parcel refund order late money".split(" "),
];

/** Writes a `tokenizer.json` whose words the small BERT knows; every other word is one unknown token. */
export function writeSmallTokenizer(dir: string): void {
  const vocab = Object.fromEntries(SMALL_WORDS.map((word, id) => [word, id]));
  const special = (id: string) => ({ id, ids: [vocab[id]], tokens: [id] });
  const piece = (id: string) => ({ SpecialToken: { id, type_id: 0 } });
  const single = [piece("[CLS]"), { Sequence: { id: "A", type_id: 0 } }, piece("[SEP]")];
  writeFileSync(
    join(dir, "tokenizer.json"),
    JSON.stringify({
      version: "1.0",
      added_tokens: [],
      normalizer: { type: "BertNormalizer", clean_text: true, handle_chinese_chars: true, lowercase: true },
      pre_tokenizer: { type: "BertPreTokenizer" },
      post_processor: {
        type: "TemplateProcessing",
        single,
        pair: single,
        special_tokens: { "[CLS]": special("[CLS]"), "[SEP]": special("[SEP]") },
      },
      decoder: null,
      model: { type: "WordPiece", unk_token: "[UNK]", continuing_subword_prefix: "##", vocab },
    }),
  );
}
