import { readFile } from "node:fs/promises";
import { join } from "node:path";

/** The shape of a BERT encoder (Devlin et al. 2019). */
export interface EncoderConfig {
  hidden: number;
  layers: number;
  heads: number;
  /** Of the layer's middle. */
  wide: number;
  epsilon: number;
  maxTokens: number;
}

/** From `config.json` of a base's folder. Throws on another architecture. */
export async function readEncoderConfig(dir: string): Promise<EncoderConfig> {
  const config = JSON.parse(await readFile(join(dir, "config.json"), "utf8")) as Record<string, unknown>;
  if (config.model_type !== "bert" || config.hidden_act !== "gelu")
    throw new Error(`${dir}: only BERT encoders with gelu can be read, not ${String(config.model_type)}`);
  return {
    hidden: Number(config.hidden_size),
    layers: Number(config.num_hidden_layers),
    heads: Number(config.num_attention_heads),
    wide: Number(config.intermediate_size),
    epsilon: Number(config.layer_norm_eps),
    maxTokens: Number(config.max_position_embeddings),
  };
}
