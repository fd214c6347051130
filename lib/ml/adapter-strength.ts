import type { ForwardRequest, Predictor } from "./task";

/**
 * The same model with its adapter counted `scale` times as much as its matrices have it; at 0 the base itself is read.
 * Nothing is copied: the requests alone carry the difference.
 */
export function atStrength(predictor: Predictor, scale: number): Predictor {
  const weigh = ({ adapter, ...request }: ForwardRequest): ForwardRequest =>
    // Not a zeroed adapter: the plain graph gives exactly the base's vectors, and sooner.
    adapter && scale > 0 ? { ...request, adapter, scale } : request;
  const { reads, differentiate } = predictor;
  return {
    ...predictor,
    before(inputs) {
      const half = predictor.before(inputs);
      return { ...half, requests: half.requests.map((own) => own.map(weigh)) };
    },
    ...(reads && { reads: (text: string) => weigh(reads(text)) }),
    ...(differentiate && {
      differentiate(input: unknown) {
        const parts = differentiate(input);
        return { ...parts, request: weigh(parts.request) };
      },
    }),
  };
}
