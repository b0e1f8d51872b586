// Event, CustomEvent, EventTarget.
(shared) => {
  'use strict';
  const { apply } = Reflect;
  const { Promise, TypeError } = globalThis;
  const { reject: promiseReject } = Promise;
  const { list, toText, need, error, isObject, expose, constants, addBrand, showGetters } = shared.web;
  const performanceNow = typeof performance === 'object' ? performance.now : undefined;
  const clock = performanceNow === undefined ? undefined : performance;
  const defineProperty = Object.defineProperty;

  // What an event is to the target that dispatches it.
  let stateOf;
  let isEvent;

  class Event {
    #bubbles = false;
    #cancelable = false;
    #composed = false;
    #time;
    #state = {
      __proto__: null, target: null, current: null, dispatching: false, phase: 0, stopped: false, ended: false,
      canceled: false, passive: false, trusted: false, type: '',
    };
    static {
      stateOf = (event) => event.#state;
      isEvent = (value) => #state in value;
      addBrand(isEvent);
    }
    constructor(type, options = undefined) {
      need(arguments.length, 1, 'Event');
      this.#state.type = toText(type);
      if (options !== undefined && options !== null) {
        if (!isObject(options)) throw new TypeError('the options of an Event are an object');
        this.#bubbles = !!options.bubbles;
        this.#cancelable = !!options.cancelable;
        this.#composed = !!options.composed;
      }
      this.#time = clock === undefined ? 0 : apply(performanceNow, clock, []);
    }
    get type() { return this.#state.type; }
    get target() { return this.#state.target; }
    get currentTarget() { return this.#state.current; }
    get srcElement() { return this.#state.target; }
    composedPath() { return this.#state.current === null ? [] : [this.#state.current]; }
    get eventPhase() { return this.#state.phase; }
    stopPropagation() { this.#state.stopped = true; }
    get cancelBubble() { return this.#state.stopped; }
    set cancelBubble(value) { if (value) this.#state.stopped = true; }
    stopImmediatePropagation() { this.#state.stopped = this.#state.ended = true; }
    get bubbles() { return this.#bubbles; }
    get cancelable() { return this.#cancelable; }
    get returnValue() { return !this.#state.canceled; }
    set returnValue(value) { if (!value) this.preventDefault(); }
    preventDefault() {
      if (this.#cancelable && !this.#state.passive) this.#state.canceled = true;
    }
    get defaultPrevented() { return this.#state.canceled; }
    get composed() { return this.#composed; }
    get isTrusted() { return this.#state.trusted; }
    get timeStamp() { return this.#time; }
    initEvent(type, bubbles = false, cancelable = false) {
      need(arguments.length, 1, 'initEvent');
      if (this.#state.dispatching) return;
      this.#state.type = toText(type);
      this.#bubbles = !!bubbles;
      this.#cancelable = !!cancelable;
      this.#state.stopped = this.#state.ended = this.#state.canceled = this.#state.trusted = false;
      this.#state.target = null;
    }
  }
  constants(Event, { __proto__: null, NONE: 0, CAPTURING_PHASE: 1, AT_TARGET: 2, BUBBLING_PHASE: 3 });

  class CustomEvent extends Event {
    #detail = null;
    constructor(type, options = undefined) {
      need(arguments.length, 1, 'CustomEvent');
      super(type, options);
      if (isObject(options) && options.detail !== undefined) this.#detail = options.detail;
    }
    get detail() { return this.#detail; }
    initCustomEvent(type, bubbles = false, cancelable = false, detail = null) {
      need(arguments.length, 1, 'initCustomEvent');
      if (stateOf(this).dispatching) return;
      this.initEvent(type, bubbles, cancelable);
      this.#detail = detail;
    }
  }

  // A listener's failure is nobody's to handle: it is told at the end of the run, as a rejection is.
  function report(reason) {
    apply(promiseReject, Promise, [reason]);
  }

  let dispatch;

  class EventTarget {
    #listeners = list();
    static {
      dispatch = (target, event, trusted) => target.#dispatch(event, trusted);
      addBrand((value) => #listeners in value);
    }
    addEventListener(type, callback, options = undefined) {
      need(arguments.length, 2, 'addEventListener');
      const added = toText(type);
      let capture = false;
      let once = false;
      let passive = false;
      let signal;
      if (isObject(options)) {
        capture = !!options.capture;
        once = !!options.once;
        passive = !!options.passive;
        signal = options.signal;
        if (signal !== undefined && !shared.web.isAbortSignal(signal)) throw new TypeError('signal is no AbortSignal');
      } else {
        capture = !!options;
      }
      if (callback === null || callback === undefined) return;
      if (!isObject(callback)) throw new TypeError('the listener is neither a function nor an object');
      if (signal !== undefined && shared.web.isAborted(signal)) return;
      if (this.#find(added, callback, capture) >= 0) return;
      const listener = { __proto__: null, type: added, callback, capture, once, passive, removed: false };
      this.#listeners[this.#listeners.length] = listener;
      if (signal !== undefined) {
        shared.web.whenAborted(signal, () => { this.#remove(added, callback, capture); });
      }
    }
    removeEventListener(type, callback, options = undefined) {
      need(arguments.length, 2, 'removeEventListener');
      const capture = isObject(options) ? !!options.capture : !!options;
      this.#remove(toText(type), callback, capture);
    }
    dispatchEvent(event) {
      need(arguments.length, 1, 'dispatchEvent');
      const state = stateOf(event);
      if (state.dispatching) throw error('InvalidStateError', 'the event is being dispatched already');
      return this.#dispatch(event, false);
    }
    #remove(type, callback, capture) {
      const at = this.#find(type, callback, capture);
      if (at < 0) return;
      this.#listeners[at].removed = true;
      const rest = list();
      for (let i = 0; i < this.#listeners.length; i++) {
        if (i !== at) rest[rest.length] = this.#listeners[i];
      }
      this.#listeners = rest;  // a dispatch that goes on has the old one
    }
    #find(type, callback, capture) {
      for (let i = 0; i < this.#listeners.length; i++) {
        const known = this.#listeners[i];
        if (known.type === type && known.callback === callback && known.capture === capture) return i;
      }
      return -1;
    }
    #dispatch(event, trusted) {
      const state = stateOf(event);
      state.trusted = trusted;
      state.dispatching = true;
      state.target = state.current = this;
      state.phase = 2;
      const { type } = state;
      const listeners = this.#listeners;
      const { length } = listeners;
      for (let round = 0; round < 2 && !state.stopped; round++) {
        for (let i = 0; i < length && !state.ended; i++) {
          const listener = listeners[i];
          if (listener.removed || listener.type !== type || listener.capture !== (round === 0)) continue;
          this.#call(listener, event, state);
        }
      }
      state.phase = 0;
      state.current = null;
      state.dispatching = state.stopped = state.ended = false;
      return !state.canceled;
    }
    #call(listener, event, state) {
      const { callback } = listener;
      if (listener.once) this.#remove(listener.type, callback, listener.capture);
      state.passive = listener.passive;
      try {
        if (typeof callback === 'function') {
          apply(callback, this, [event]);
        } else {
          apply(callback.handleEvent, callback, [event]);
        }
      } catch (reason) {
        report(reason);
      }
      state.passive = false;
    }
  }
  expose(Event, 'Event');
  showGetters(isEvent, Event, ['type', 'defaultPrevented', 'cancelable', 'timeStamp']);
  expose(CustomEvent, 'CustomEvent');
  expose(EventTarget, 'EventTarget');
  shared.web.dispatch = dispatch;
  shared.web.Event = Event;
  shared.web.EventTarget = EventTarget;

  // An `on…` attribute: a listener that is there while the attribute is a function.
  shared.web.addHandler = (made, type) => {
    const { addEventListener, removeEventListener } = EventTarget.prototype;
    const { WeakMap } = globalThis;
    const { get, set } = WeakMap.prototype;
    const handlers = new WeakMap();
    defineProperty(made.prototype, 'on' + type, {
      __proto__: null,
      configurable: true,
      enumerable: true,
      get() {
        const known = apply(get, handlers, [this]);
        return known === undefined ? null : known.value;
      },
      set(value) {
        let known = apply(get, handlers, [this]);
        if (!isObject(value)) {
          if (known !== undefined && known.value !== null) {
            apply(removeEventListener, this, [type, known.call]);
            known.value = null;
          }
          return;
        }
        if (known === undefined) {
          known = { __proto__: null, value: null, call: undefined };
          known.call = (event) => {
            if (typeof known.value === 'function') apply(known.value, this, [event]);
          };
          apply(set, handlers, [this, known]);
        }
        if (known.value === null) apply(addEventListener, this, [type, known.call]);
        known.value = value;
      },
    });
  };
}
