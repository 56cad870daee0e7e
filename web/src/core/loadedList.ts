/**
 * A list that the server gives whole, while the feed's rows and the answers to one's own requests change it one by one.
 *
 * An answer is as old as its question: only the newest question counts, and what was heard since it was asked is put over
 * its answer. Framework-free; where the list lives is the caller's.
 */

export type Change<T> = (list: readonly T[]) => T[];

export class LoadedList<T> {
  private turn = 0;
  /** Heard since the newest question was asked; null: none is on its way. */
  private since: Change<T>[] | null = null;

  constructor(private readonly get: () => readonly T[], private readonly set: (list: T[]) => void) {}

  change(change: Change<T>): void {
    this.since?.push(change);
    this.set(change(this.get()));
  }

  /** The whole as it is now; null where a newer question was asked meanwhile, whatever became of this one. */
  async load(ask: () => Promise<T[]>): Promise<T[] | null> {
    const turn = ++this.turn;
    await Promise.resolve(); // the rows that a hello brings along are older than the question that it leads to
    if (turn !== this.turn) return null;
    const since: Change<T>[] = (this.since = []);
    try {
      const found = await ask();
      if (turn !== this.turn) return null;
      const whole = since.reduce((list, change) => change(list), found);
      this.set(whole);
      return whole;
    } catch (error) {
      if (turn !== this.turn) return null;
      throw error;
    } finally {
      if (this.since === since) this.since = null;
    }
  }

  /** Of somebody else from here on: what is still on its way counts no more. */
  forget(): void {
    this.turn++;
    this.since = null;
    this.set([]);
  }
}
