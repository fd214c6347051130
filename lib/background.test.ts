import { expect, test } from "vitest";
import { openBackground } from "./background";

test("work is done one piece after the other, a piece that fails stops nothing, and too much is left out", async () => {
  const background = openBackground(2);
  const done: number[] = [];
  let running = 0;
  const piece = (n: number) => async () => {
    running += 1;
    expect(running).toBe(1);
    await new Promise((go) => setTimeout(go, 5));
    running -= 1;
    done.push(n);
    if (n === 1) throw new Error("broken");
  };
  expect([0, 1, 2, 3, 4].map((n) => background.add(piece(n)))).toEqual([true, true, true, false, false]);
  await expect.poll(() => done).toEqual([0, 1, 2]);
  background.add(piece(5));
  background.add(piece(6));
  await background.close();
  expect(done).toEqual([0, 1, 2, 5]);
});
