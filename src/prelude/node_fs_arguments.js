// What scripts may hand to `node:fs`. Each property of an options object is read once, so that a
// getter cannot say one thing when it is checked and another when it is used.
(shared) => {
  'use strict';
  const { apply } = Reflect;
  const { defineProperty, getOwnPropertyDescriptor } = Object;
  const { isView } = ArrayBuffer;
  const { isInteger, isSafeInteger } = Number;
  const { parseInt } = globalThis;
  const { includes, toLowerCase } = String.prototype;
  const { exec } = RegExp.prototype;
  const { coded, outcome, put, argumentType, argumentValue, outOfRange } = shared.nodeErrors;
  const { Error, TypeError, RangeError } = globalThis;
  const typedArray = Reflect.getPrototypeOf(Uint8Array.prototype);
  const getter = (prototype, name) => getOwnPropertyDescriptor(prototype, name).get;
  const typedArrayTag = getter(typedArray, Symbol.toStringTag);
  const typedArrayBytes = getter(typedArray, 'byteLength');
  const dataViewBytes = getter(DataView.prototype, 'byteLength');

  const constants = {
    F_OK: 0, R_OK: 4, W_OK: 2, X_OK: 1,
    COPYFILE_EXCL: 1, COPYFILE_FICLONE: 2, COPYFILE_FICLONE_FORCE: 4,
    O_RDONLY: 0, O_WRONLY: 1, O_RDWR: 2, O_CREAT: 0o100, O_EXCL: 0o200, O_TRUNC: 0o1000, O_APPEND: 0o2000,
    O_DIRECTORY: 0o200000, O_NOFOLLOW: 0o400000, O_SYNC: 0o4010000,
    S_IFMT: 0o170000, S_IFREG: 0o100000, S_IFDIR: 0o040000, S_IFLNK: 0o120000,
    S_IFCHR: 0o020000, S_IFBLK: 0o060000, S_IFIFO: 0o010000, S_IFSOCK: 0o140000,
    S_IRWXU: 0o700, S_IRUSR: 0o400, S_IWUSR: 0o200, S_IXUSR: 0o100,
    S_IRWXG: 0o070, S_IRGRP: 0o040, S_IWGRP: 0o020, S_IXGRP: 0o010,
    S_IRWXO: 0o007, S_IROTH: 0o004, S_IWOTH: 0o002, S_IXOTH: 0o001,
  };
  const { O_RDONLY, O_WRONLY, O_RDWR, O_CREAT, O_EXCL, O_TRUNC, O_APPEND, O_SYNC } = constants;
  const flagNames = {
    __proto__: null,
    'r': O_RDONLY, 'rs': O_RDONLY | O_SYNC, 'sr': O_RDONLY | O_SYNC,
    'r+': O_RDWR, 'rs+': O_RDWR | O_SYNC, 'sr+': O_RDWR | O_SYNC,
    'w': O_TRUNC | O_CREAT | O_WRONLY, 'wx': O_TRUNC | O_CREAT | O_WRONLY | O_EXCL,
    'xw': O_TRUNC | O_CREAT | O_WRONLY | O_EXCL,
    'w+': O_TRUNC | O_CREAT | O_RDWR, 'wx+': O_TRUNC | O_CREAT | O_RDWR | O_EXCL,
    'xw+': O_TRUNC | O_CREAT | O_RDWR | O_EXCL,
    'a': O_APPEND | O_CREAT | O_WRONLY, 'ax': O_APPEND | O_CREAT | O_WRONLY | O_EXCL,
    'xa': O_APPEND | O_CREAT | O_WRONLY | O_EXCL,
    'as': O_APPEND | O_CREAT | O_WRONLY | O_SYNC, 'sa': O_APPEND | O_CREAT | O_WRONLY | O_SYNC,
    'a+': O_APPEND | O_CREAT | O_RDWR, 'ax+': O_APPEND | O_CREAT | O_RDWR | O_EXCL,
    'xa+': O_APPEND | O_CREAT | O_RDWR | O_EXCL,
    'as+': O_APPEND | O_CREAT | O_RDWR | O_SYNC, 'sa+': O_APPEND | O_CREAT | O_RDWR | O_SYNC,
  };
  const encodings = {
    __proto__: null,
    'utf8': true, 'utf-8': true, 'utf16le': true, 'utf-16le': true, 'ucs2': true, 'ucs-2': true,
    'latin1': true, 'binary': true, 'ascii': true, 'base64': true, 'base64url': true, 'hex': true,
  };
  const octal = /^[0-7]+$/;
  const maxInt32 = 0x7fffffff;

  const isObject = (value) => typeof value === 'object' && value !== null;

  function checkPath(path, name = 'path') {
    if (typeof path !== 'string') throw argumentType(name, 'of type string', path);
    if (apply(includes, path, ['\0'])) throw argumentValue(name, path, 'must be a string without null bytes');
    return path;
  }

  function checkInteger(value, name, least = -Infinity, most = Infinity) {
    if (typeof value !== 'number') throw argumentType(name, 'of type number', value);
    if (!isInteger(value)) throw outOfRange(name, 'an integer', value);
    if (value < least || value > most) {
      throw outOfRange(name, least === -Infinity ? '<= ' + most : '>= ' + least + ' && <= ' + most, value);
    }
    return value;
  }

  const checkFd = (fd) => checkInteger(fd, 'fd', 0, maxInt32);
  const checkFile = (file) => isInteger(file) ? checkFd(file) : checkPath(file);

  function checkBoolean(value, name) {
    if (value === undefined) return false;
    if (typeof value !== 'boolean') throw argumentType(name, 'of type boolean', value, 'property');
    return value;
  }

  function flagsOf(flags, otherwise) {
    if (flags === undefined || flags === null) return otherwise;
    if (typeof flags === 'number') return checkInteger(flags, 'flags', -maxInt32 - 1, maxInt32);
    const known = typeof flags === 'string' ? flagNames[flags] : undefined;
    if (known === undefined) throw argumentValue('flags', flags);
    return known;
  }

  function modeOf(mode, otherwise, name = 'mode') {
    if (mode === undefined || mode === null) return otherwise;
    if (typeof mode === 'string') {
      if (apply(exec, octal, [mode]) === null) {
        throw argumentValue(name, mode, 'must be a 32-bit unsigned integer or an octal string');
      }
      mode = parseInt(mode, 8);
    }
    return checkInteger(mode, name, 0, 0xffffffff) & 0o7777;
  }

  // Of access() and copyFile().
  function bitsOf(mode) {
    if (mode === undefined || mode === null) return 0;
    if (!isInteger(mode) || mode > maxInt32 || mode < -maxInt32 - 1) {
      throw coded(new TypeError('mode must be int32 or null/undefined'), 'ERR_INVALID_ARG_TYPE');
    }
    if (mode < 0 || mode > 7) throw coded(new RangeError('mode is out of range: >= 0 && <= 7'), 'ERR_OUT_OF_RANGE');
    return mode;
  }

  // undefined: bytes.
  function encodingOf(encoding) {
    if (encoding === undefined || encoding === null || encoding === 'buffer') return undefined;
    if (typeof encoding !== 'string' || encodings[apply(toLowerCase, encoding, [])] !== true) {
      throw argumentValue('encoding', encoding, 'is invalid encoding');
    }
    return encoding;
  }

  // Of functions that take an encoding for `options`.
  function fileOptions(options, flag) {
    if (options === undefined || options === null) options = { __proto__: null };
    if (typeof options === 'string') options = { __proto__: null, encoding: options };
    if (!isObject(options)) throw argumentType('options', 'one of type string or object', options);
    const { encoding, flag: givenFlag, mode } = options;
    return {
      __proto__: null,
      encoding: encodingOf(encoding),
      flags: flagsOf(givenFlag, flagNames[flag]),
      mode: modeOf(mode, 0o666),
    };
  }

  // Of functions that give names: always as strings.
  function nameOptions(options) {
    if (options === undefined || options === null) return { __proto__: null };
    if (typeof options === 'string') options = { __proto__: null, encoding: options };
    if (!isObject(options)) throw argumentType('options', 'one of type string or object', options);
    const { encoding, withFileTypes, recursive } = options;
    if (encoding === 'buffer') throw argumentValue('encoding', encoding, 'is not supported for names');
    encodingOf(encoding);
    return { __proto__: null, withFileTypes: !!withFileTypes, recursive: !!recursive };
  }

  function objectOptions(options) {
    if (options === undefined || options === null) return { __proto__: null };
    if (!isObject(options)) throw argumentType('options', 'of type object', options);
    return options;
  }

  const bytesIn = (view) =>
    apply(typedArrayTag, view, []) === undefined ? apply(dataViewBytes, view, []) : apply(typedArrayBytes, view, []);

  function checkView(buffer) {
    if (!isView(buffer)) {
      throw argumentType('buffer', 'an instance of TypedArray or DataView', buffer);
    }
    return buffer;
  }

  function checkData(data, name = 'data') {
    if (typeof data !== 'string' && !isView(data)) {
      throw argumentType(name, 'of type string or an instance of TypedArray or DataView', data);
    }
    return data;
  }

  // Which part of a view is meant, and where in the file. Null: where the last one ended.
  function partOf(view, offset, length, position) {
    const size = bytesIn(view);
    if (offset === undefined || offset === null) offset = 0;
    checkInteger(offset, 'offset', 0, size);
    if (length === undefined || length === null) length = size - offset;
    checkInteger(length, 'length', -Infinity, size - offset);
    if (length < 0) throw outOfRange('length', '>= 0', length);
    return { __proto__: null, offset, length, position: positionOf(position) };
  }

  function positionOf(position) {
    if (position === undefined || position === null || position === -1) return null;
    if (typeof position !== 'number') throw argumentType('position', 'of type number', position);
    if (!isSafeInteger(position) || position < 0) throw outOfRange('position', '>= -1 && <= ' + (2 ** 53 - 1), position);
    return position;
  }

  // Of what is asked to end before it has begun.
  function checkSignal(options) {
    if (!isObject(options)) return;
    const { signal } = options;
    if (signal === undefined || signal === null) return;
    if (!isObject(signal)) throw argumentType('options.signal', 'an instance of AbortSignal', signal, 'property');
    if (!signal.aborted) return;
    const error = coded(new Error('The operation was aborted'), 'ABORT_ERR');
    put(error, 'name', 'AbortError', false);
    put(error, 'cause', signal.reason, false);
    throw outcome(error);
  }

  // Not push(): a script may have replaced it, or put a setter on Array.prototype.
  const append = (list, value) => defineProperty(
    list, list.length, { __proto__: null, value, writable: true, enumerable: true, configurable: true });

  shared.nodeArguments = {
    __proto__: null,
    constants, isObject, append, checkPath, checkInteger, checkFd, checkFile, checkBoolean, checkView, checkData,
    checkSignal, flagsOf, modeOf, bitsOf, encodingOf, fileOptions, nameOptions, objectOptions, partOf, positionOf,
  };
}
