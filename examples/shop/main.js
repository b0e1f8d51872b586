import { total } from './lib/price';
import stock from './stock.json';

const order = { tea: 2, scones: 3 };
console.log('ordered:', order);

export default total(order, stock);
