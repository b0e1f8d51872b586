// Training: plain data. JSON both ways, grouping, joins, validation, deep copy and comparison, patches, pipelines.
(() => {
  'use strict';

  const regions = ['north', 'south', 'east', 'west'];
  const orders = (count, salt) =>
    Array.from({ length: count }, (_, i) => ({
      id: `o-${i}`,
      customer: { id: (i * 7 + salt) % 23, region: regions[(i + salt) % 4], vip: i % 9 === 0 },
      lines: Array.from({ length: (i % 3) + 1 }, (_, k) => ({
        sku: `s${(i + k) % 11}`,
        quantity: k + 1,
        price: ((i * 13 + k) % 90) + 0.5,
      })),
      placed: `2024-0${(i % 9) + 1}-11T08:00:00.000Z`,
      note: i % 4 ? null : 'call "first"\n\u2026',
    }));

  const total = (order) => order.lines.reduce((sum, { quantity, price }) => sum + quantity * price, 0);

  function summary(list) {
    const groups = Object.groupBy(list, ({ customer }) => customer.region);
    return Object.entries(groups)
      .map(([region, members]) => ({
        region,
        count: members.length,
        value: members.map(total).reduce((a, b) => a + b, 0),
      }))
      .sort((a, b) => b.value - a.value || (a.region > b.region ? 1 : -1));
  }

  function join(list, customers) {
    const byId = new Map(customers.map((c) => [c.id, c]));
    return list.flatMap(({ id, customer, lines }) =>
      lines.map((line) => ({ id, name: byId.get(customer.id)?.name ?? '?', ...line })),
    );
  }

  // A small schema language: a type name, [item], or an object of fields.
  function validate(schema, value, path = '$', errors = []) {
    if (typeof schema === 'string') {
      const optional = schema.endsWith('?');
      const type = optional ? schema.slice(0, -1) : schema;
      if (!(optional && value == null) && typeof value !== type) errors.push(`${path}: ${typeof value} is not ${type}`);
    } else if (Array.isArray(schema)) {
      if (!Array.isArray(value)) errors.push(`${path}: not an array`);
      else value.forEach((item, i) => validate(schema[0], item, `${path}[${i}]`, errors));
    } else if (value === null || typeof value !== 'object') {
      errors.push(`${path}: not an object`);
    } else {
      for (const key in schema) validate(schema[key], value[key], path + '.' + key, errors);
    }
    return errors;
  }
  const schema = {
    id: 'string',
    customer: { id: 'number', region: 'string', vip: 'boolean' },
    lines: [{ sku: 'string', quantity: 'number', price: 'number' }],
    note: 'string?',
    missing: 'number?',
  };

  function clone(value) {
    if (value === null || typeof value !== 'object') return value;
    if (Array.isArray(value)) return value.map(clone);
    const copy = {};
    for (const key of Object.keys(value)) copy[key] = clone(value[key]);
    return copy;
  }

  function equal(a, b) {
    if (Object.is(a, b)) return true;
    if (typeof a !== 'object' || typeof b !== 'object' || !a || !b) return false;
    const keys = Object.keys(a);
    return keys.length === Object.keys(b).length && keys.every((key) => Object.hasOwn(b, key) && equal(a[key], b[key]));
  }

  function* changes(a, b, path = []) {
    for (const key of new Set([...Object.keys(a), ...Object.keys(b)])) {
      const at = [...path, key];
      if (!(key in b)) yield { op: 'remove', at };
      else if (!(key in a)) yield { op: 'add', at, value: b[key] };
      else if (a[key] && b[key] && typeof a[key] === 'object') yield* changes(a[key], b[key], at);
      else if (a[key] !== b[key]) yield { op: 'replace', at, value: b[key] };
    }
  }

  function apply(target, patch) {
    for (const { op, at, value } of patch) {
      const owner = at.slice(0, -1).reduce((o, key) => o[key], target);
      if (op === 'remove') delete owner[at.at(-1)];
      else owner[at.at(-1)] = value;
    }
    return target;
  }

  const flatten = (value, prefix = '', out = {}) => {
    for (const [key, item] of Object.entries(value)) {
      if (item && typeof item === 'object') flatten(item, `${prefix}${key}.`, out);
      else out[prefix + key] = item;
    }
    return out;
  };

  const customers = Array.from({ length: 20 }, (_, id) => ({ id, name: `Customer ${id}` }));
  let out = [];
  for (let i = 0; i < 55; i++) {
    const text = JSON.stringify(orders(90, i));
    const list = JSON.parse(text);
    const dated = JSON.parse(text, (key, value) => (key === 'placed' ? new Date(value) : value));
    const changed = clone(list);
    changed[i % 90].lines[0].price = -1;
    changed[(i + 5) % 90].extra = true;
    delete changed[(i + 9) % 90].note;
    const patch = [...changes(list, changed)];
    out = [
      JSON.stringify(summary(list)),
      join(list, customers).filter((row) => row.name !== '?').length,
      list.flatMap((order) => validate(schema, order)).concat(validate(schema, { id: 1, lines: {} })).length,
      equal(apply(clone(list), patch), changed) && !equal(list, changed),
      patch.map((p) => p.op + p.at.join('/')).join(),
      Object.keys(flatten(list[1])).join('').length,
      dated[3].placed.getUTCMonth() + JSON.stringify(dated[4], null, '\t').length,
      JSON.stringify(list, ['id', 'lines', 'price']).length,
    ];
  }
  return out.join('|');
})();
