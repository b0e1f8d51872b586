// Request, Response and fetch. Bodies are bytes, not streams; what goes over the network is the host's Fetcher.
(shared) => {
  'use strict';
  const { apply } = Reflect;
  const { TypeError, RangeError, Promise, Uint8Array } = globalThis;
  const { defineProperty, getOwnPropertyDescriptor } = Object;
  const { then: promiseThen } = Promise.prototype;
  const { parse: parseJson, stringify } = JSON;
  const { toUpperCase, toLowerCase, slice, indexOf, charCodeAt } = String.prototype;
  const {
    list, need, toText, expose, isObject, isBytes, bytesOf, bufferOf, byteLength, usvString, byteString, utf8Encode, utf8Decode,
    addBrand, showGetters, Headers, headerPairs, freezeHeaders, isHeaders, isToken, isBlob, makeBlob, blobBytes, blobType, isSearchParams,
    formText, URL, hrefOf, isAbortSignal, isAborted, abortReason, whenAborted, makeSignal, abortSignal,
  } = shared.web;
  const { fetch: hostFetch, fetchAbort } = shared.host;
  const { append, get: getHeader, has: hasHeader } = Headers.prototype;
  const usernameOf = getOwnPropertyDescriptor(URL.prototype, 'username').get;
  const passwordOf = getOwnPropertyDescriptor(URL.prototype, 'password').get;

  const copyOf = (bytes) => new Uint8Array(bytes);

  // What a body is made of: bytes and the type that goes with them.
  function bodyFrom(value) {
    if (isObject(value)) {
      if (isBlob(value)) return { __proto__: null, bytes: blobBytes(value), type: blobType(value) || null, used: false };
      if (isBytes(value)) return { __proto__: null, bytes: copyOf(bytesOf(value)), type: null, used: false };
      if (isSearchParams(value)) {
        const type = 'application/x-www-form-urlencoded;charset=UTF-8';
        return { __proto__: null, bytes: utf8Encode(formText(value)), type, used: false };
      }
    }
    return { __proto__: null, bytes: utf8Encode(usvString(value)), type: 'text/plain;charset=UTF-8', used: false };
  }
  const noBody = () => ({ __proto__: null, bytes: null, type: null, used: false });
  function take(body) {
    if (body.used) throw new TypeError('Body is unusable: it has been read already');
    body.used = body.bytes !== null;
    return body.bytes === null ? new Uint8Array(0) : body.bytes;
  }
  function copyBody(body) {
    if (body.used) throw new TypeError('Body is unusable: it has been read already');
    return { __proto__: null, bytes: body.bytes, type: body.type, used: false };
  }
  // What Request and Response have in common.
  function addBodyMethods(made, partsOf) {
    const { prototype } = {
      prototype: {
        get bodyUsed() { return partsOf(this).body.used; },
        async arrayBuffer() { return bufferOf(copyOf(take(partsOf(this).body))); },
        async bytes() { return copyOf(take(partsOf(this).body)); },
        async text() { return utf8Decode(take(partsOf(this).body)); },
        async json() { return parseJson(utf8Decode(take(partsOf(this).body))); },
        async blob() {
          const { body, headers } = partsOf(this);
          const type = apply(getHeader, headers, ['content-type']);
          return makeBlob(copyOf(take(body)), type === null ? '' : apply(toLowerCase, type, []));
        },
      },
    };
    for (const name of Reflect.ownKeys(prototype)) {
      defineProperty(made.prototype, name, getOwnPropertyDescriptor(prototype, name));
    }
  }
  function addType(headers, body) {
    if (body.type !== null && !apply(hasHeader, headers, ['content-type'])) {
      apply(append, headers, ['content-type', body.type]);
    }
  }
  const dictionary = (value, what) => {
    if (value === undefined || value === null) return { __proto__: null };
    if (!isObject(value)) throw new TypeError('the options of ' + what + ' are an object');
    return value;
  };

  // Request.

  const usual = { __proto__: null, DELETE: 1, GET: 1, HEAD: 1, OPTIONS: 1, POST: 1, PUT: 1 };
  const forbidden = { __proto__: null, CONNECT: 1, TRACE: 1, TRACK: 1 };
  function methodOf(value) {
    const text = byteString(value);
    const upper = apply(toUpperCase, text, []);
    if (!isToken(text)) throw new TypeError("'" + text + "' is no HTTP method");
    if (forbidden[upper] !== undefined) throw new TypeError("the HTTP method '" + text + "' is not allowed");
    return usual[upper] === undefined ? text : upper;
  }
  function urlOf(value) {
    const text = usvString(value);  // once: it may be an object that says something else the next time
    const url = new URL(text);
    if (apply(usernameOf, url, []) !== '' || apply(passwordOf, url, []) !== '') {
      throw new TypeError('the URL of a request has no user name and no password');
    }
    return hrefOf(text);
  }
  function redirectOf(value) {
    const text = toText(value);
    if (text !== 'follow' && text !== 'error' && text !== 'manual') throw new TypeError("'" + text + "' is no way to redirect");
    return text;
  }

  let requestParts;
  let isRequest;

  class Request {
    #parts;
    static {
      requestParts = (request) => request.#parts;
      isRequest = (value) => isObject(value) && #parts in value;
      addBrand(isRequest);
    }
    constructor(input, options = undefined) {
      need(arguments.length, 1, 'Request');
      const source = isRequest(input) ? input.#parts : null;
      const parts = { __proto__: null, url: '', method: 'GET', redirect: 'follow', headers: null, signal: null, body: null };
      parts.url = source === null ? urlOf(input) : source.url;
      const { method, redirect, headers, signal, body } = dictionary(options, 'a Request');
      if (source !== null) {
        parts.method = source.method;
        parts.redirect = source.redirect;
      }
      if (method !== undefined) parts.method = methodOf(method);
      if (redirect !== undefined) parts.redirect = redirectOf(redirect);
      parts.headers = new Headers(headers === undefined ? (source === null ? undefined : source.headers) : headers);
      if (signal !== undefined && signal !== null && !isAbortSignal(signal)) throw new TypeError('signal is no AbortSignal');
      parts.signal = Request.#follow(signal === undefined ? (source === null ? null : source.signal) : signal);
      const hasBody = body !== undefined && body !== null;
      if (hasBody) {
        parts.body = bodyFrom(body);
        addType(parts.headers, parts.body);
      } else if (source !== null && source.body.bytes !== null) {
        parts.body = { __proto__: null, bytes: take(source.body), type: source.body.type, used: false };
      } else {
        parts.body = noBody();
      }
      if (parts.body.bytes !== null && (parts.method === 'GET' || parts.method === 'HEAD')) {
        throw new TypeError('a request with the method GET or HEAD has no body');
      }
      this.#parts = parts;
    }
    static #follow(source) {
      const made = makeSignal();
      if (source === null || source === undefined) return made;
      if (isAborted(source)) abortSignal(made, abortReason(source));
      else whenAborted(source, () => { abortSignal(made, abortReason(source)); });
      return made;
    }
    get method() { return this.#parts.method; }
    get url() { return this.#parts.url; }
    get headers() { return this.#parts.headers; }
    get redirect() { return this.#parts.redirect; }
    get signal() { return this.#parts.signal; }
    clone() {
      const parts = this.#parts;
      const body = copyBody(parts.body);
      const made = new Request(parts.url);
      made.#parts = {
        __proto__: null, url: parts.url, method: parts.method, redirect: parts.redirect, headers: new Headers(parts.headers),
        signal: Request.#follow(parts.signal), body,
      };
      return made;
    }
  }
  addBodyMethods(Request, (request) => requestParts(request));

  // Response.

  const isReason = (text) => {
    for (let i = 0; i < text.length; i++) {
      const code = apply(charCodeAt, text, [i]);
      if (code !== 0x09 && (code < 0x20 || code === 0x7f)) return false;
    }
    return true;
  };
  const nullBody = { __proto__: null, 101: 1, 103: 1, 204: 1, 205: 1, 304: 1 };
  const redirects = { __proto__: null, 301: 1, 302: 1, 303: 1, 307: 1, 308: 1 };

  let makeResponse;
  let responseParts;
  let isResponse;

  class Response {
    #parts;
    static {
      responseParts = (response) => response.#parts;
      isResponse = (value) => #parts in value;
      addBrand(isResponse);
      makeResponse = (parts) => {
        const response = new Response();
        response.#parts = parts;
        return response;
      };
    }
    constructor(body = null, options = undefined) {
      const { status, statusText, headers } = dictionary(options, 'a Response');
      const parts = {
        __proto__: null, status: 200, statusText: '', headers: null, body: noBody(), type: 'default', url: '', redirected: false,
      };
      if (status !== undefined) {
        const number = +status;
        parts.status = number - number % 1;
        if (!(parts.status >= 200 && parts.status <= 599)) throw new RangeError('the status is from 200 to 599');
      }
      if (statusText !== undefined) {
        parts.statusText = byteString(statusText);
        if (!isReason(parts.statusText)) throw new TypeError('the status text has control characters in it');
      }
      parts.headers = new Headers(headers);
      if (body !== null && body !== undefined) {
        if (nullBody[parts.status] !== undefined) throw new TypeError('a response with the status ' + parts.status + ' has no body');
        parts.body = bodyFrom(body);
        addType(parts.headers, parts.body);
      }
      this.#parts = parts;
    }
    static error() {
      const response = new Response();
      response.#parts.type = 'error';
      response.#parts.status = 0;
      freezeHeaders(response.#parts.headers);
      return response;
    }
    static redirect(url, status = 302) {
      need(arguments.length, 1, 'Response.redirect');
      const location = hrefOf(usvString(url));
      if (redirects[+status] === undefined) throw new RangeError((+status) + ' is no status of a redirect');
      const response = new Response(null, { __proto__: null, status: +status });
      apply(append, response.#parts.headers, ['location', location]);
      freezeHeaders(response.#parts.headers);
      return response;
    }
    static json(data, options = undefined) {
      need(arguments.length, 1, 'Response.json');
      const text = stringify(data);
      if (text === undefined) throw new TypeError('the value has no form in JSON');
      const { status, statusText, headers } = dictionary(options, 'Response.json');
      const all = new Headers(headers);
      if (!apply(hasHeader, all, ['content-type'])) apply(append, all, ['content-type', 'application/json']);
      return new Response(text, { __proto__: null, status, statusText, headers: all });
    }
    get type() { return this.#parts.type; }
    get url() { return this.#parts.url; }
    get redirected() { return this.#parts.redirected; }
    get status() { return this.#parts.status; }
    get ok() { return this.#parts.status >= 200 && this.#parts.status <= 299; }
    get statusText() { return this.#parts.statusText; }
    get headers() { return this.#parts.headers; }
    clone() {
      const parts = this.#parts;
      const body = copyBody(parts.body);
      return makeResponse({
        __proto__: null, status: parts.status, statusText: parts.statusText, headers: new Headers(parts.headers), body,
        type: parts.type, url: parts.url, redirected: parts.redirected,
      });
    }
  }
  addBodyMethods(Response, (response) => responseParts(response));
  expose(Request, 'Request');
  expose(Response, 'Response');
  showGetters(isRequest, Request, ['method', 'url', 'headers', 'redirect', 'bodyUsed', 'signal']);
  showGetters(isResponse, Response, [
    'status', 'statusText', 'headers', 'bodyUsed', 'ok', 'redirected', 'type', 'url',
  ]);
  for (const name of ['error', 'redirect', 'json']) defineProperty(Response, name, { __proto__: null, enumerable: true });

  // fetch.

  // What the host gives: [status, status text, url, redirected, [name, value, ...], body].
  function responseOf(result) {
    const headers = new Headers();
    const flat = result[4];
    for (let i = 0; i + 1 < flat.length; i += 2) {
      try {
        apply(append, headers, [flat[i], flat[i + 1]]);
      } catch {
        // A server may send what is no header here; the rest is of use still.
      }
    }
    freezeHeaders(headers);
    const status = result[0];
    const bytes = nullBody[status] === undefined ? new Uint8Array(result[5]) : null;
    return makeResponse({
      __proto__: null, status, statusText: result[1], headers, body: { __proto__: null, bytes, type: null, used: false },
      type: 'basic', url: result[2], redirected: result[3],
    });
  }

  function send(request) {
    const { url, method, redirect, headers, signal, body } = requestParts(request);
    const pairs = headerPairs(headers);
    const flat = list();
    for (let i = 0; i < pairs.length; i++) flat[i] = pairs[i];
    const hash = apply(indexOf, url, ['#']);
    const target = hash < 0 ? url : apply(slice, url, [0, hash]);
    // Throws if the VM has no such grant.
    const started = apply(hostFetch, undefined, [method, target, redirect, flat, body.bytes === null ? undefined : take(body)]);
    const id = started[0];
    return new Promise((resolve, reject) => {
      const forget = whenAborted(signal, () => {
        apply(fetchAbort, undefined, [id]);
        reject(abortReason(signal));
      });
      apply(promiseThen, started[1], [
        (result) => {
          forget();
          resolve(responseOf(result));
        },
        (reason) => {
          forget();
          // An error of the host's making.
          const failure = new TypeError('fetch failed: ' + reason.message);
          defineProperty(failure, 'cause', { __proto__: null, value: reason, writable: true, configurable: true });
          reject(failure);
        },
      ]);
    });
  }

  const { fetch } = {
    async fetch(input, options = undefined) {
      need(arguments.length, 1, 'fetch');
      const request = new Request(input, options);
      const { signal } = requestParts(request);
      if (isAborted(signal)) throw abortReason(signal);
      return await send(request);  // so that no `then` of the script's is looked for
    },
  };
  defineProperty(fetch, 'length', { __proto__: null, value: 1, configurable: true });
  defineProperty(globalThis, 'fetch',
    { __proto__: null, value: fetch, writable: true, enumerable: true, configurable: true });
}
