export const total = (order, stock) =>
  Object.entries(order).reduce((sum, [item, count]) => sum + count * stock[item], 0);
