import { log, setting } from 'host:app';

export default (text) => {
  log(`called with ${text.length} characters`);
  return text.toUpperCase() + setting('ending');
};
