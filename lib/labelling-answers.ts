import { and, desc, eq, inArray, ne, type SQL, sql } from "drizzle-orm";
import { labellingSets, labellingTexts } from "@/db/schema/labelling";
import { forTenant, type TenantTx } from "@/db/tenant";
import { actorId } from "./audit";
import { fail } from "./errors";
import { countTexts, findLabelling, type LabellingSet, labellingToWire, requestRanking } from "./labelling";
import type { Actor } from "./session";

/** What a person does with one text after another. */
type Text = typeof labellingTexts.$inferSelect;
/** One of the classes, none of them, or not now. */
type Answer = { label: string } | "none" | "skip";

/** As long as a person may think about a text before somebody else is given it. */
const HOLD_MS = 3 * 60_000;
const heldUntil = () => new Date(Date.now() + HOLD_MS);

/**
 * The next texts for this person, held for them: those of the newest ranking first, then the others, what was skipped
 * at the very end. @param without places that the person has on the screen already.
 */
export async function nextTexts(
  actor: Actor,
  id: string,
  limit: number,
  without: readonly number[] = [],
): Promise<ReturnType<typeof textToWire>[]> {
  const me = actorId(actor);
  return forTenant(actor.tenantId, async (tx) => {
    const set = await findLabelling(tx, id);
    // A row that another one is taking at this moment is passed over, so two people never get the same.
    const rows = await tx.query<{ place: number }>(
      sql`select place from labelling_texts
        where tenant_id = ${tx.tenantId} and set_id = ${id} and state in ('open', 'skipped')
          and (held_until is null or held_until < now() or held_by = ${me})
          and not place = any(${sql.param([...without])}::int[])
        order by state = 'skipped', case when state = 'skipped' then answered_at end, rank nulls last, place
        limit ${limit} for update skip locked`,
    );
    const places = rows.map((row) => row.place);
    if (places.length === 0) return [];
    const held = await tx.update(
      labellingTexts,
      { heldBy: me, heldUntil: heldUntil() },
      and(eq(labellingTexts.setId, id), inArray(labellingTexts.place, places)) as SQL,
    );
    return held
      .sort((a, b) => places.indexOf(a.place) - places.indexOf(b.place))
      .map((text) => textToWire(set, text));
  });
}

/** Writes an answer, or changes one of this person's own. Equal texts share it: they are one row. */
export async function answerText(actor: Actor, id: string, place: number, answer: Answer) {
  const me = actorId(actor);
  const summary = await forTenant(actor.tenantId, async (tx) => {
    const set = await findLabelling(tx, id);
    const label =
      typeof answer === "object" ? set.classes.findIndex(({ name }) => name === answer.label) : null;
    if (label === -1) fail("invalid_request", "`label`: there is no such class.", "label");
    const [locked] = await tx.query<{ is_taken: boolean }>(
      sql`select (case when state in ('labelled', 'none') then answered_by <> ${me}
          else held_by <> ${me} and held_until > now() end) is true as is_taken
        from labelling_texts where tenant_id = ${tx.tenantId} and set_id = ${id} and place = ${place} for update`,
    );
    if (!locked) fail("not_found");
    if (locked.is_taken) fail("state_conflict", "Another person has this text, or has answered it.");
    await tx.update(
      labellingTexts,
      {
        state: answer === "skip" ? "skipped" : answer === "none" ? "none" : "labelled",
        label,
        answeredBy: me,
        answeredAt: new Date(),
        heldBy: null,
        heldUntil: null,
      },
      isText(id, place),
    );
    return changed(tx, set);
  });
  await requestRanking(actor.tenantId, id);
  return summary;
}

/** Takes this person's newest answer back and gives them its text again. */
export async function undoAnswer(actor: Actor, id: string) {
  const me = actorId(actor);
  const undone = await forTenant(actor.tenantId, async (tx) => {
    const set = await findLabelling(tx, id);
    const mine = and(
      eq(labellingTexts.setId, id),
      eq(labellingTexts.answeredBy, me),
      ne(labellingTexts.state, "open"),
    );
    const [last] = await tx.select(labellingTexts, mine, {
      orderBy: desc(labellingTexts.answeredAt),
      limit: 1,
    });
    if (!last) fail("state_conflict", "There is no answer of yours to take back.");
    const [text] = await tx.update(
      labellingTexts,
      {
        state: "open",
        label: null,
        answeredBy: null,
        answeredAt: null,
        heldBy: me,
        heldUntil: heldUntil(),
      },
      isText(id, last.place),
    );
    if (!text) fail("not_found");
    return { text: textToWire(set, text), labelling: await changed(tx, set) };
  });
  await requestRanking(actor.tenantId, id);
  return undone;
}

const isText = (id: string, place: number) =>
  and(eq(labellingTexts.setId, id), eq(labellingTexts.place, place)) as SQL;

/** The set as it is after an answer. */
async function changed(tx: TenantTx, { id }: LabellingSet) {
  const [set] = await tx.update(
    labellingSets,
    { revision: sql`${labellingSets.revision} + 1` as never },
    eq(labellingSets.id, id),
  );
  if (!set) fail("not_found");
  return labellingToWire({ set, counts: await countTexts(tx, set) });
}

/** Guesses name their class; null stands for none of the classes. */
function textToWire(set: LabellingSet, text: Text) {
  return {
    place: text.place,
    text: text.text,
    line: text.line,
    copies: text.copies,
    guesses: (text.guesses ?? []).map(({ label, confidence }) => ({
      label: set.classes[label]?.name ?? null,
      confidence,
    })),
  };
}
