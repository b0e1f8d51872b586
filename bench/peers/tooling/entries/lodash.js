// lodash groups, sorts, joins, clones and renders a list of orders.
import _ from 'lodash';
import { hash } from './hash.js';

const towns = ['Aachen', 'Bergen', 'Cádiz', 'Delft', 'Évora'];
const orders = _.times(2000, (i) => ({
  id: i,
  town: towns[(i * 7) % towns.length],
  customer: { name: `customer ${(i * 31) % 97}`, tags: _.range(i % 5) },
  lines: _.times((i % 4) + 1, (k) => ({ sku: `sku-${(i + k * 13) % 211}`, count: (i + k) % 9, price: (i * k) % 37 })),
}));
const letter = _.template(
  '<% _.forEach(towns, ({ town, sum, best }) => { %><li><%- town %>: <%= sum %>, <%- best.join(" & ") %></li><% }) %>',
  { imports: { _ } },
);

globalThis.run = () => {
  const copy = _.cloneDeep(orders);
  const changed = _.merge(copy, _.map(orders, ({ id }) => ({ customer: { seen: id % 3 === 0 } })));
  const totals = _(changed)
    .flatMap(({ town, customer, lines }) => _.map(lines, (line) => ({ town, customer: customer.name, ...line })))
    .filter(({ count }) => count > 0)
    .groupBy('town')
    .mapValues((lines) => ({
      town: lines[0].town,
      sum: _.sumBy(lines, ({ count, price }) => count * price),
      best: _.map(_.take(_.orderBy(_.uniqBy(lines, 'sku'), ['price', 'sku'], ['desc', 'asc']), 5), 'sku'),
    }))
    .values()
    .sortBy(({ town }) => _.deburr(town))
    .value();
  const same = _.isEqual(_.omit(changed[0], 'customer.seen'), orders[0]);
  return `${same} ${hash(letter({ towns: totals }))}`;
};
