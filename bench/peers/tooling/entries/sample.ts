namespace Shop {
  export interface Item { readonly name: string; price: number; tags?: readonly string[] }
  export type Total<T extends Item> = { items: T[]; sum: number };
  export enum Level { low = 1, middle = low << 1, high = middle << 1 }

  abstract class Base<T extends Item> {
    protected readonly items: Map<string, T> = new Map();
    constructor(private readonly owner: string, public level: Level = Level.low) {}
    abstract add(item: T): this;
    get size(): number { return this.items.size; }
  }

  export class Basket<T extends Item = Item> extends Base<T> {
    static count = 0;
    add(item: T): this {
      this.items.set(item.name, item);
      Basket.count++;
      return this;
    }
    total(discount?: (item: T) => number): Total<T> {
      const items = [...this.items.values()];
      const sum = items.reduce((all, item) => all + item.price * (1 - (discount?.(item) ?? 0)), 0);
      return { items, sum } satisfies Total<T>;
    }
    async *each(): AsyncGenerator<T, void, undefined> {
      for (const item of this.items.values()) yield item as T;
    }
  }

  export function isItem(value: unknown): value is Item {
    return typeof value === 'object' && value !== null && 'name' in value && 'price' in value;
  }
}
