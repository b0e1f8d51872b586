// crypto: random bytes, digests, and keys that are secrets (HMAC, AES, HKDF, PBKDF2).
//
// The work is done by the engine's side module (mbedTLS). What is around it is here, since that of the side module takes
// a hash from the wrong place, looks at no padding and knows other formats of keys than the standard: a key here is its
// bytes, and the side module gets one for a single operation. Key pairs are left out for that reason.
(shared) => {
  'use strict';
  const { apply } = Reflect;
  const { getPrototypeOf, getOwnPropertyDescriptor, defineProperty, freeze } = Object;
  const { TypeError, Uint8Array, DOMException, ArrayBuffer } = globalThis;
  const { isView } = ArrayBuffer;
  const { toStringTag, iterator: iteratorSymbol } = Symbol;
  const { toUpperCase } = String.prototype;
  const { set: setBytes } = Uint8Array.prototype;
  const { fromBase64 } = Uint8Array;
  const { toBase64 } = Uint8Array.prototype;
  const { parse: parseJson, stringify } = JSON;
  const {
    need, toText, error, expose, isObject, isBytes, bytesOf, bufferOf, byteLength, addBrand, utf8Encode, utf8Decode,
  } = shared.web;
  const { openIterator, done } = shared.functions;
  const native = globalThis.crypto;
  if (native === undefined) return;
  const { subtle: nativeSubtle } = native;
  const { getRandomValues: nativeRandomValues, randomUUID: nativeRandomUUID } = getPrototypeOf(native);
  const work = getPrototypeOf(nativeSubtle);
  const { digest: nativeDigest, importKey: nativeImport, sign: nativeSign, encrypt: nativeEncrypt, decrypt: nativeDecrypt,
    deriveBits: nativeDerive } = work;
  const arrayName = getOwnPropertyDescriptor(getPrototypeOf(Uint8Array.prototype), toStringTag).get;
  const illegal = () => new TypeError('Illegal constructor');
  const token = Symbol('CryptoKey');  // only this file makes objects of these classes

  // Bytes.

  const copyOf = (data) => {
    if (!isBytes(data)) throw new TypeError('the data is no ArrayBuffer and no view of one');
    return new Uint8Array(bytesOf(data));
  };
  const part = (bytes, begin, end) => new Uint8Array(new Uint8Array(bufferOf(bytes), begin, end - begin));
  function join(a, b) {
    const all = new Uint8Array(byteLength(a) + byteLength(b));
    apply(setBytes, all, [a, 0]);
    apply(setBytes, all, [b, byteLength(a)]);
    return all;
  }
  function randomBytes(length) {
    const bytes = new Uint8Array(length);
    for (let at = 0; at < length; at += 65536) {
      const end = at + 65536 < length ? at + 65536 : length;
      apply(nativeRandomValues, native, [new Uint8Array(bufferOf(bytes), at, end - at)]);
    }
    return bytes;
  }
  // In the same time wherever they differ.
  function same(a, b) {
    const length = byteLength(a);
    if (length !== byteLength(b)) return false;
    let differences = 0;
    for (let i = 0; i < length; i++) differences |= a[i] ^ b[i];
    return differences === 0;
  }

  // Algorithms.

  const digests = { __proto__: null, 'SHA-1': 512, 'SHA-256': 512, 'SHA-384': 1024, 'SHA-512': 1024 };  // bits of a block
  const digestBytes = { __proto__: null, 'SHA-1': 20, 'SHA-256': 32, 'SHA-384': 48, 'SHA-512': 64 };
  const usagesOf = {
    __proto__: null,
    'HMAC': { __proto__: null, sign: 1, verify: 1 },
    'AES-CBC': { __proto__: null, encrypt: 1, decrypt: 1, wrapKey: 1, unwrapKey: 1 },
    'AES-CTR': { __proto__: null, encrypt: 1, decrypt: 1, wrapKey: 1, unwrapKey: 1 },
    'AES-GCM': { __proto__: null, encrypt: 1, decrypt: 1, wrapKey: 1, unwrapKey: 1 },
    'HKDF': { __proto__: null, deriveBits: 1, deriveKey: 1 },
    'PBKDF2': { __proto__: null, deriveBits: 1, deriveKey: 1 },
  };
  const allUsages = ['encrypt', 'decrypt', 'sign', 'verify', 'deriveKey', 'deriveBits', 'wrapKey', 'unwrapKey'];
  const isAes = (name) => name === 'AES-CBC' || name === 'AES-CTR' || name === 'AES-GCM';
  const nameIn = (known, algorithm) => {
    const given = isObject(algorithm) ? algorithm.name : algorithm;
    if (given === undefined) throw new TypeError('the algorithm has no name');
    const name = apply(toUpperCase, toText(given), []);
    if (known[name] === undefined) throw error('NotSupportedError', "the algorithm '" + name + "' is not supported here");
    return name;
  };
  const hashIn = (algorithm) => {
    if (!isObject(algorithm) || algorithm.hash === undefined) throw new TypeError('the algorithm has no hash');
    return nameIn(digests, algorithm.hash);
  };
  // An integer of a dictionary, as [EnforceRange] has it.
  function integerIn(dictionary, name, largest) {
    const value = +dictionary[name];
    const whole = value - value % 1;
    if (!(whole >= 0 && whole <= largest)) throw new TypeError("'" + name + "' is no number from 0 to " + largest);
    return whole;
  }
  const bytesIn = (dictionary, name) => {
    const value = dictionary[name];
    if (value === undefined) throw new TypeError("the algorithm has no '" + name + "'");
    return copyOf(value);
  };

  // Keys.

  let stateOf;
  let isKey;

  class CryptoKey {
    #state;
    static {
      stateOf = (key) => key.#state;
      isKey = (value) => isObject(value) && #state in value;
      addBrand(isKey);
    }
    constructor(made, state) {
      if (made !== token) throw illegal();
      this.#state = state;
    }
    get type() { return this.#state.type; }
    get extractable() { return this.#state.extractable; }
    get algorithm() { return this.#state.algorithm; }
    get usages() { return this.#state.usages; }
  }
  function readUsages(usages, name) {
    if (!isObject(usages) || typeof usages[iteratorSymbol] !== 'function') throw new TypeError('the usages are iterable');
    const given = { __proto__: null };
    const next = openIterator(usages);
    for (let usage = next(false); usage !== done; usage = next(false)) {
      const text = toText(usage);
      let known = false;
      for (let i = 0; i < allUsages.length; i++) known = known || allUsages[i] === text;
      if (!known) throw new TypeError("'" + text + "' is no usage of a key");
      if (usagesOf[name][text] === undefined) throw error('SyntaxError', 'a key for ' + name + " is not for '" + text + "'");
      given[text] = true;
    }
    return given;
  }
  function makeKey(name, algorithm, bytes, extractable, given) {
    const usages = [];
    for (let i = 0; i < allUsages.length; i++) {
      if (given[allUsages[i]] === undefined) continue;
      defineProperty(usages, usages.length,
        { __proto__: null, value: allUsages[i], writable: true, enumerable: true, configurable: true });
    }
    if (usages.length === 0) throw error('SyntaxError', 'a secret key has one usage at least');
    return new CryptoKey(token, { __proto__: null, type: 'secret', extractable, algorithm: freeze(algorithm), usages, given,
      name, bytes, hash: name === 'HMAC' ? algorithm.hash.name : undefined });
  }
  function keyFor(key, name, usage) {
    if (!isKey(key)) throw new TypeError('the key is no CryptoKey');
    const state = stateOf(key);
    if (state.name !== name) throw error('InvalidAccessError', 'the key is not for ' + name);
    if (state.given[usage] === undefined) throw error('InvalidAccessError', "the key is not for '" + usage + "'");
    return state;
  }
  function algorithmOf(name, length, hash) {
    if (name === 'HMAC') return { name, length, hash: freeze({ name: hash }) };
    return isAes(name) ? { name, length } : { name };
  }

  // The side module.

  const failed = (reason) => new DOMException(toText(isObject(reason) ? reason.message : reason), 'OperationError');
  async function run(operation, argumentsOf) {
    try {
      return new Uint8Array(await apply(operation, nativeSubtle, argumentsOf));
    } catch (reason) {
      throw failed(reason);
    }
  }
  async function nativeKey(bytes, name, hash, usage) {
    try {
      return await apply(nativeImport, nativeSubtle, ['raw', bytes, { __proto__: null, name, hash }, false, [usage]]);
    } catch (reason) {
      throw failed(reason);
    }
  }
  const digest = (name, bytes) => run(nativeDigest, [name, bytes]);
  async function hmac(hash, secret, bytes) {
    return await run(nativeSign, ['HMAC', await nativeKey(secret, 'HMAC', hash, 'sign'), bytes]);
  }

  // AES.

  function readAes(name, algorithm) {
    if (!isObject(algorithm)) throw new TypeError(name + ' needs parameters');
    const read = { __proto__: null, name };
    if (name === 'AES-CTR') {
      read.counter = bytesIn(algorithm, 'counter');
      read.length = integerIn(algorithm, 'length', 255);
      if (byteLength(read.counter) !== 16) throw error('OperationError', 'the counter has 16 bytes');
      if (read.length < 1 || read.length > 128) throw error('OperationError', 'the length is from 1 to 128');
      return read;
    }
    read.iv = bytesIn(algorithm, 'iv');
    if (name === 'AES-CBC') {
      if (byteLength(read.iv) !== 16) throw error('OperationError', 'the iv has 16 bytes');
      return read;
    }
    if (byteLength(read.iv) === 0) throw error('OperationError', 'the iv is empty');
    if (algorithm.additionalData !== undefined) read.additionalData = bytesIn(algorithm, 'additionalData');
    if (algorithm.tagLength !== undefined && integerIn(algorithm, 'tagLength', 255) !== 128) {
      throw error('NotSupportedError', 'AES-GCM is supported with tags of 128 bits only');
    }
    return read;
  }
  // The side module lets a counter run on into the bits that are none of it.
  function checkCounter({ name, counter, length }, bytes) {
    if (name !== 'AES-CTR' || length === 128) return;
    let left = 1;  // blocks until it is zero again
    let place = 1;
    for (let bit = 0; bit < length && bit < 50; bit++) {
      if ((counter[15 - (bit >> 3)] >> (bit & 7) & 1) === 0) left += place;
      place *= 2;
    }
    for (let bit = 50; bit < length; bit++) {
      if ((counter[15 - (bit >> 3)] >> (bit & 7) & 1) === 0) return;
    }
    if (byteLength(bytes) > left * 16) throw error('NotSupportedError', 'the counter of AES-CTR would begin again');
  }
  async function encrypt(state, algorithm, bytes) {
    checkCounter(algorithm, bytes);
    return await run(nativeEncrypt, [algorithm, await nativeKey(state.bytes, state.name, undefined, 'encrypt'), bytes]);
  }
  async function decrypt(state, algorithm, bytes) {
    checkCounter(algorithm, bytes);
    const plain = await run(nativeDecrypt,
      [algorithm, await nativeKey(state.bytes, state.name, undefined, 'decrypt'), bytes]);
    // What has padding is longer than what was in it.
    if (state.name === 'AES-CBC' && byteLength(plain) >= byteLength(bytes)) throw error('OperationError', 'the padding is wrong');
    return plain;
  }

  // Derivation.

  function readDerivation(name, algorithm) {
    if (!isObject(algorithm)) throw new TypeError(name + ' needs parameters');
    const hash = hashIn(algorithm);
    const salt = bytesIn(algorithm, 'salt');
    if (name === 'HKDF') return { __proto__: null, name, hash, salt, info: bytesIn(algorithm, 'info') };
    const iterations = integerIn(algorithm, 'iterations', 4294967295);
    if (iterations === 0) throw error('OperationError', 'PBKDF2 has one iteration at least');
    if (byteLength(salt) === 0) throw error('NotSupportedError', 'PBKDF2 is supported with a salt only');
    return { __proto__: null, name, hash, salt, iterations };
  }
  // RFC 5869.
  async function hkdf({ hash, salt, info }, secret, length) {
    const size = digestBytes[hash];
    if (length > 255 * size) throw error('OperationError', 'HKDF cannot give as many bits');
    const key = await hmac(hash, byteLength(salt) === 0 ? new Uint8Array(size) : salt, secret);
    let all = new Uint8Array(0);
    let block = new Uint8Array(0);
    for (let i = 1; byteLength(all) < length; i++) {
      const number = new Uint8Array(1);
      number[0] = i;
      block = await hmac(hash, key, join(join(block, info), number));
      all = join(all, block);
    }
    return part(all, 0, length);
  }
  async function derive(state, read, bits) {
    if (bits === null || bits % 8 !== 0) throw error('OperationError', 'the length is a multiple of 8 bits');
    if (bits === 0) return new Uint8Array(0);
    if (read.name === 'HKDF') return await hkdf(read, state.bytes, bits / 8);
    // An empty secret is padded with zeros by HMAC, as one of a single zero is; the side module takes no empty one.
    const secret = byteLength(state.bytes) === 0 ? new Uint8Array(1) : state.bytes;
    return await run(nativeDerive, [read, await nativeKey(secret, 'PBKDF2', read.hash, 'deriveBits'), bits]);
  }

  // Formats of keys.

  const aesMode = { __proto__: null, 'AES-CBC': 'CBC', 'AES-CTR': 'CTR', 'AES-GCM': 'GCM' };
  const hmacName = { __proto__: null, 'SHA-1': 'HS1', 'SHA-256': 'HS256', 'SHA-384': 'HS384', 'SHA-512': 'HS512' };
  const jwkName = (name, length, hash) => (name === 'HMAC' ? hmacName[hash] : 'A' + length + aesMode[name]);

  function exported(format, state) {
    if (state.name === 'HKDF' || state.name === 'PBKDF2') throw error('NotSupportedError', 'keys for ' + state.name + ' have no format');
    if (!state.extractable) throw error('InvalidAccessError', 'the key is not extractable');
    if (format === 'raw') return bufferOf(new Uint8Array(state.bytes));
    const jwk = {
      key_ops: state.usages,
      ext: true,
      kty: 'oct',
      k: apply(toBase64, state.bytes, [{ __proto__: null, alphabet: 'base64url', omitPadding: true }]),
      alg: jwkName(state.name, byteLength(state.bytes) * 8, state.hash),
    };
    return jwk;
  }
  function bytesOfJwk(jwk, name, hash, extractable, given) {
    if (!isObject(jwk)) throw new TypeError('the key is no JSON Web Key');
    const { kty, k, alg, ext, key_ops: operations } = jwk;
    if (kty !== 'oct') throw error('DataError', 'the kty of the key is not "oct"');
    let bytes;
    try {
      bytes = apply(fromBase64, Uint8Array, [k, { __proto__: null, alphabet: 'base64url' }]);
    } catch {
      throw error('DataError', 'the k of the key is no base64url');
    }
    if (alg !== undefined && alg !== jwkName(name, byteLength(bytes) * 8, hash)) {
      throw error('DataError', "the alg of the key is '" + alg + "'");
    }
    if (ext === false && extractable) throw error('DataError', 'the key is not extractable');
    if (operations !== undefined) {
      const listed = { __proto__: null };
      const next = openIterator(operations);
      for (let usage = next(false); usage !== done; usage = next(false)) listed[toText(usage)] = true;
      for (let i = 0; i < allUsages.length; i++) {
        if (given[allUsages[i]] !== undefined && listed[allUsages[i]] === undefined) {
          throw error('DataError', "the key is not for '" + allUsages[i] + "'");
        }
      }
    }
    return bytes;
  }
  const formatOf = (value) => {
    const format = toText(value);
    if (format === 'raw' || format === 'jwk') return format;
    if (format === 'pkcs8' || format === 'spki') {
      throw error('NotSupportedError', "keys of the format '" + format + "' are not supported here");
    }
    throw new TypeError("'" + format + "' is no format of keys");
  };
  function imported(format, data, algorithm, extractable, usages) {
    const name = nameIn(usagesOf, algorithm);
    const hash = name === 'HMAC' ? hashIn(algorithm) : undefined;
    const given = readUsages(usages, name);
    const derives = name === 'HKDF' || name === 'PBKDF2';
    if (derives && format !== 'raw') throw error('NotSupportedError', 'keys for ' + name + ' are raw');
    if (derives && extractable) throw error('SyntaxError', 'keys for ' + name + ' are not extractable');
    const bytes = format === 'raw' ? copyOf(data) : bytesOfJwk(data, name, hash, extractable, given);
    const length = byteLength(bytes) * 8;
    if (isAes(name) && length !== 128 && length !== 192 && length !== 256) {
      throw error('DataError', 'a key for AES has 128, 192 or 256 bits');
    }
    if (name === 'HMAC') {
      if (length === 0) throw error('DataError', 'the key is empty');
      if (isObject(algorithm) && algorithm.length !== undefined && integerIn(algorithm, 'length', 4294967295) !== length) {
        throw error('DataError', 'the key has another length');
      }
    }
    return makeKey(name, algorithmOf(name, length, hash), bytes, extractable, given);
  }
  // Bits of a key that is made or derived.
  function lengthFor(name, algorithm, hash) {
    if (isAes(name)) {
      const length = integerIn(algorithm, 'length', 65535);
      if (length !== 128 && length !== 192 && length !== 256) throw error('OperationError', 'a key for AES has 128, 192 or 256 bits');
      return length;
    }
    if (name !== 'HMAC') return null;
    if (algorithm.length === undefined) return digests[hash];
    const length = integerIn(algorithm, 'length', 4294967295);
    if (length === 0 || length % 8 !== 0) throw error('OperationError', 'a key for HMAC has a multiple of 8 bits here');
    return length;
  }

  class SubtleCrypto {
    #mine = true;  // read by each method, so that it throws on anything else
    static {
      addBrand((value) => #mine in value);
    }
    constructor(made) {
      if (made !== token) throw illegal();
    }
    async digest(algorithm, data) {
      need(arguments.length, 2, 'digest');
      const name = nameIn(digests, algorithm);
      const bytes = copyOf(data);
      return this.#mine && bufferOf(await digest(name, bytes));
    }
    async generateKey(algorithm, extractable, usages) {
      need(arguments.length, 3, 'generateKey');
      const name = nameIn(usagesOf, algorithm);
      if (name === 'HKDF' || name === 'PBKDF2') throw error('NotSupportedError', 'keys for ' + name + ' are not generated');
      if (!isObject(algorithm)) throw new TypeError(name + ' needs parameters');
      const hash = name === 'HMAC' ? hashIn(algorithm) : undefined;
      const given = readUsages(usages, name);
      const length = lengthFor(name, algorithm, hash);
      return this.#mine && makeKey(name, algorithmOf(name, length, hash), randomBytes(length / 8), !!extractable, given);
    }
    async importKey(format, data, algorithm, extractable, usages) {
      need(arguments.length, 5, 'importKey');
      return this.#mine && imported(formatOf(format), data, algorithm, !!extractable, usages);
    }
    async exportKey(format, key) {
      need(arguments.length, 2, 'exportKey');
      if (!isKey(key)) throw new TypeError('the key is no CryptoKey');
      return this.#mine && exported(formatOf(format), stateOf(key));
    }
    async sign(algorithm, key, data) {
      need(arguments.length, 3, 'sign');
      const name = nameIn({ __proto__: null, HMAC: 1 }, algorithm);
      const bytes = copyOf(data);
      const state = keyFor(key, name, 'sign');
      return this.#mine && bufferOf(await hmac(state.hash, state.bytes, bytes));
    }
    async verify(algorithm, key, signature, data) {
      need(arguments.length, 4, 'verify');
      const name = nameIn({ __proto__: null, HMAC: 1 }, algorithm);
      const expected = copyOf(signature);
      const bytes = copyOf(data);
      const state = keyFor(key, name, 'verify');
      return this.#mine && same(await hmac(state.hash, state.bytes, bytes), expected);
    }
    async encrypt(algorithm, key, data) {
      need(arguments.length, 3, 'encrypt');
      const name = nameIn(aesMode, algorithm);
      const read = readAes(name, algorithm);
      const bytes = copyOf(data);
      return this.#mine && bufferOf(await encrypt(keyFor(key, name, 'encrypt'), read, bytes));
    }
    async decrypt(algorithm, key, data) {
      need(arguments.length, 3, 'decrypt');
      const name = nameIn(aesMode, algorithm);
      const read = readAes(name, algorithm);
      const bytes = copyOf(data);
      return this.#mine && bufferOf(await decrypt(keyFor(key, name, 'decrypt'), read, bytes));
    }
    async deriveBits(algorithm, key, length = null) {
      need(arguments.length, 2, 'deriveBits');
      const name = nameIn({ __proto__: null, HKDF: 1, PBKDF2: 1 }, algorithm);
      const read = readDerivation(name, algorithm);
      const state = keyFor(key, name, 'deriveBits');
      const bits = length === null ? null : integerIn({ __proto__: null, length }, 'length', 4294967295);
      return this.#mine && bufferOf(await derive(state, read, bits));
    }
    async deriveKey(algorithm, key, made, extractable, usages) {
      need(arguments.length, 5, 'deriveKey');
      const name = nameIn({ __proto__: null, HKDF: 1, PBKDF2: 1 }, algorithm);
      const read = readDerivation(name, algorithm);
      const state = keyFor(key, name, 'deriveKey');
      const target = nameIn(usagesOf, made);
      if (!isObject(made)) throw new TypeError(target + ' needs parameters');
      const hash = target === 'HMAC' ? hashIn(made) : undefined;
      const given = readUsages(usages, target);
      const length = lengthFor(target, made, hash);
      if (length === null) throw error('NotSupportedError', 'keys for ' + target + ' are not derived here');
      const bytes = await derive(state, read, length);
      return this.#mine && makeKey(target, algorithmOf(target, length, hash), bytes, !!extractable, given);
    }
    async wrapKey(format, key, wrapping, algorithm) {
      need(arguments.length, 4, 'wrapKey');
      const chosen = formatOf(format);
      const name = nameIn(aesMode, algorithm);
      const read = readAes(name, algorithm);
      const state = keyFor(wrapping, name, 'wrapKey');
      if (!isKey(key)) throw new TypeError('the key is no CryptoKey');
      const plain = exported(chosen, stateOf(key));
      const bytes = chosen === 'raw' ? new Uint8Array(plain) : utf8Encode(stringify(plain));
      return this.#mine && bufferOf(await encrypt(state, read, bytes));
    }
    async unwrapKey(format, wrapped, unwrapping, algorithm, made, extractable, usages) {
      need(arguments.length, 7, 'unwrapKey');
      const chosen = formatOf(format);
      const name = nameIn(aesMode, algorithm);
      const read = readAes(name, algorithm);
      const bytes = copyOf(wrapped);
      const plain = await decrypt(keyFor(unwrapping, name, 'unwrapKey'), read, bytes);
      let data = plain;
      if (chosen === 'jwk') {
        try {
          data = parseJson(utf8Decode(plain));
        } catch {
          throw error('DataError', 'what was wrapped is no JSON Web Key');
        }
      }
      return this.#mine && imported(chosen, data, made, !!extractable, usages);
    }
  }

  const integers = { __proto__: null };
  for (const name of ['Int8Array', 'Uint8Array', 'Uint8ClampedArray', 'Int16Array', 'Uint16Array', 'Int32Array',
    'Uint32Array', 'BigInt64Array', 'BigUint64Array']) {
    integers[name] = true;
  }

  class Crypto {
    #subtle;
    static {
      addBrand((value) => #subtle in value);
    }
    constructor(made) {
      if (made !== token) throw illegal();
      this.#subtle = new SubtleCrypto(token);
    }
    get subtle() { return this.#subtle; }
    getRandomValues(array) {
      need(arguments.length, 1, 'getRandomValues');
      if (this.#subtle === undefined || !isView(array)) {
        throw error('TypeMismatchError', 'the argument is no typed array of integers');
      }
      const name = apply(arrayName, array, []);
      if (name === undefined || integers[name] === undefined) {
        throw error('TypeMismatchError', 'the argument is no typed array of integers');
      }
      const bytes = bytesOf(array);
      if (byteLength(bytes) > 65536) {
        throw error('QuotaExceededError', 'more than 65536 random bytes are asked for: ' + byteLength(bytes));
      }
      if (byteLength(bytes) > 0) apply(nativeRandomValues, native, [bytes]);
      return array;
    }
    randomUUID() { return this.#subtle && apply(nativeRandomUUID, native, []); }
  }
  expose(CryptoKey, 'CryptoKey');
  expose(SubtleCrypto, 'SubtleCrypto');
  expose(Crypto, 'Crypto');
  defineProperty(globalThis, 'crypto',
    { __proto__: null, value: new Crypto(token), writable: true, enumerable: true, configurable: true });
}
