// AbortController and AbortSignal.
(shared) => {
  'use strict';
  const { apply } = Reflect;
  const { TypeError, RangeError, DOMException } = globalThis;
  const { iterator: iteratorSymbol } = Symbol;
  const { setTimeout } = globalThis;  // none, if the VM has no timers
  const { list, need, expose, error, isObject, dispatch, Event, EventTarget, addBrand, addHandler, showGetters } = shared.web;
  const { openIterator, done } = shared.functions;

  const token = Symbol('AbortSignal');  // only this file makes signals
  let abortSignal;
  let isAborted;
  let isAbortSignal;
  let reasonOf;
  let whenAborted;
  let follow;

  class AbortSignal extends EventTarget {
    #aborted = false;
    #reason = undefined;
    #actions = list();
    #sources = null;  // of AbortSignal.any
    #dependents = list();
    static {
      isAbortSignal = (value) => isObject(value) && #aborted in value;
      isAborted = (signal) => signal.#aborted;
      reasonOf = (signal) => signal.#reason;
      // Calls `action` when it is aborted; gives a function that forgets it.
      whenAborted = (signal, action) => {
        const entry = { __proto__: null, action };
        signal.#actions[signal.#actions.length] = entry;
        return () => { signal.#forget(entry); };
      };
      abortSignal = (signal, reason) => {
        if (signal.#aborted) return;
        const given = reason === undefined ? error('AbortError', 'This operation was aborted') : reason;
        const reached = list();
        signal.#mark(given);
        reached[0] = signal;
        for (let i = 0; i < signal.#dependents.length; i++) {
          const dependent = signal.#dependents[i];
          if (dependent.#aborted) continue;
          dependent.#mark(given);
          reached[reached.length] = dependent;
        }
        for (let i = 0; i < reached.length; i++) reached[i].#run();
      };
      follow = (signal, source) => {
        if (source.#sources === null) {
          signal.#follow(source);
          return;
        }
        for (let i = 0; i < source.#sources.length; i++) signal.#follow(source.#sources[i]);
      };
    }
    constructor(made) {
      if (made !== token) throw new TypeError('Illegal constructor');
      super();
    }
    static abort(reason = undefined) {
      const signal = new AbortSignal(token);
      abortSignal(signal, reason);
      return signal;
    }
    static any(signals) {
      need(arguments.length, 1, 'AbortSignal.any');
      if (!isObject(signals) || typeof signals[iteratorSymbol] !== 'function') {
        throw new TypeError('the argument is not iterable');
      }
      const given = list();
      const next = openIterator(signals);
      for (let signal = next(false); signal !== done; signal = next(false)) {
        if (!isAbortSignal(signal)) throw new TypeError('an element is no AbortSignal');
        given[given.length] = signal;
      }
      const made = new AbortSignal(token);
      for (let i = 0; i < given.length; i++) {
        if (!given[i].#aborted) continue;
        abortSignal(made, given[i].#reason);
        return made;
      }
      made.#sources = list();
      for (let i = 0; i < given.length; i++) follow(made, given[i]);
      return made;
    }
    get aborted() { return this.#aborted; }
    get reason() { return this.#reason; }
    throwIfAborted() {
      if (this.#aborted) throw this.#reason;
    }
    #follow(source) {
      for (let i = 0; i < this.#sources.length; i++) {
        if (this.#sources[i] === source) return;
      }
      this.#sources[this.#sources.length] = source;
      source.#dependents[source.#dependents.length] = this;
    }
    #forget(entry) {
      const rest = list();
      for (let i = 0; i < this.#actions.length; i++) {
        if (this.#actions[i] !== entry) rest[rest.length] = this.#actions[i];
      }
      this.#actions = rest;
    }
    #mark(reason) {
      this.#aborted = true;
      this.#reason = reason;
    }
    #run() {
      const actions = this.#actions;
      this.#actions = list();
      this.#dependents = list();
      for (let i = 0; i < actions.length; i++) actions[i].action();
      dispatch(this, new Event('abort'), true);
    }
  }
  addHandler(AbortSignal, 'abort');
  if (setTimeout !== undefined) {
    // Not an arrow function: it has the shape of the other static methods.
    const { timeout } = {
      timeout(milliseconds) {
        need(arguments.length, 1, 'AbortSignal.timeout');
        const after = +milliseconds;
        if (!(after >= 0 && after <= 9007199254740991)) throw new RangeError('the time is no count of milliseconds');
        const signal = new AbortSignal(token);
        apply(setTimeout, undefined, [() => {
          abortSignal(signal, new DOMException('The operation was aborted due to timeout', 'TimeoutError'));
        }, after]);
        return signal;
      },
    };
    Object.defineProperty(AbortSignal, 'timeout', { __proto__: null, value: timeout, writable: true, configurable: true });
  }

  let isController;

  class AbortController {
    #signal = new AbortSignal(token);
    static {
      isController = (value) => #signal in value;
      addBrand(isController);
    }
    get signal() { return this.#signal; }
    abort(reason = undefined) { abortSignal(this.#signal, reason); }
  }
  expose(AbortSignal, 'AbortSignal');
  expose(AbortController, 'AbortController');
  showGetters(isAbortSignal, AbortSignal, ['aborted']);
  showGetters(isController, AbortController, ['signal']);
  shared.web.isAbortSignal = isAbortSignal;
  shared.web.isAborted = isAborted;
  shared.web.abortReason = (signal) => reasonOf(signal);
  shared.web.whenAborted = whenAborted;
  shared.web.makeSignal = () => new AbortSignal(token);
  shared.web.abortSignal = (signal, reason) => abortSignal(signal, reason);
}
