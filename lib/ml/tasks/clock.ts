/** Notes the seconds since the last call under a stage's name. */
export function createClock() {
  let last = performance.now();
  const seconds: Record<string, number> = {};
  const clock = (stage: string) => {
    const now = performance.now();
    seconds[stage] = Number(((now - last) / 1000).toFixed(2));
    last = now;
  };
  return Object.assign(clock, { seconds });
}
