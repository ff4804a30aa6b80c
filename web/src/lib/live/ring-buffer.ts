/** The newest `capacity` items, oldest first. Pushing to a full buffer drops the oldest; O(1). */
export class RingBuffer<T> {
  readonly #items: T[] = [];
  #first = 0;

  constructor(readonly capacity: number) {
    if (!Number.isInteger(capacity) || capacity < 1) {
      throw new RangeError('The capacity must be a positive integer.');
    }
  }

  get size(): number {
    return this.#items.length;
  }

  /** Returns whether an item had to be dropped. */
  push(item: T): boolean {
    if (this.#items.length < this.capacity) {
      this.#items.push(item);
      return false;
    }
    this.#items[this.#first] = item;
    this.#first = (this.#first + 1) % this.capacity;
    return true;
  }

  last(): T | undefined {
    return this.#items.at(this.#first - 1);
  }

  toArray(): T[] {
    return [...this.#items.slice(this.#first), ...this.#items.slice(0, this.#first)];
  }

  /** Takes everything out. */
  drain(): T[] {
    const items = this.toArray();
    this.#items.length = 0;
    this.#first = 0;
    return items;
  }
}
