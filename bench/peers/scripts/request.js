// One request of the task "requests": parses an order, computes it, renders it. The completion value is its answer.
(() => {
  const order = JSON.parse(`{
    "customer": { "name": "Ada Lovelace", "level": "gold" },
    "items": [
      { "name": "tea", "count": 4, "price": 2.5 },
      { "name": "scone", "count": 2, "price": 3.25 },
      { "name": "jam", "count": 1, "price": 4 },
      { "name": "clotted cream", "count": 1, "price": 5.75 }
    ]
  }`);
  const discounts = new Map([
    ['gold', 0.1],
    ['silver', 0.05],
  ]);
  const escape = (text) => text.replace(/[&<>]/g, (c) => `&#${c.charCodeAt(0)};`);
  const lines = order.items
    .filter(({ count }) => count > 0)
    .map(({ name, count, price }) => ({ name, total: count * price }))
    .sort((a, b) => b.total - a.total);
  const sum = lines.reduce((all, { total }) => all + total, 0);
  const total = sum * (1 - (discounts.get(order.customer.level) ?? 0));
  const rows = lines.map(({ name, total }) => `<li>${escape(name)}: ${total.toFixed(2)}</li>`);
  return JSON.stringify({ to: order.customer.name, total: total.toFixed(2), html: `<ul>${rows.join('')}</ul>` });
})();
