// Ray tracer: floating point, short-lived vector objects, method calls, a small scene with reflection.
(() => {
  'use strict';

  class Vector {
    constructor(x, y, z) {
      this.x = x;
      this.y = y;
      this.z = z;
    }
    plus(v) {
      return new Vector(this.x + v.x, this.y + v.y, this.z + v.z);
    }
    minus(v) {
      return new Vector(this.x - v.x, this.y - v.y, this.z - v.z);
    }
    times(k) {
      return new Vector(this.x * k, this.y * k, this.z * k);
    }
    dot(v) {
      return this.x * v.x + this.y * v.y + this.z * v.z;
    }
    unit() {
      return this.times(1 / Math.sqrt(this.dot(this)));
    }
  }

  class Sphere {
    constructor(center, radius, color, mirror) {
      Object.assign(this, { center, radius, color, mirror });
    }
    hit(from, along) {
      const offset = from.minus(this.center);
      const b = offset.dot(along);
      const d = b * b - offset.dot(offset) + this.radius * this.radius;
      if (d < 0) return Infinity;
      const near = -b - Math.sqrt(d);
      return near > 1e-4 ? near : Infinity;
    }
    normal(point) {
      return point.minus(this.center).unit();
    }
  }

  class Floor {
    mirror = 0.1;
    color = 0.6;
    hit(from, along) {
      const t = along.y < 0 ? -(from.y + 1) / along.y : Infinity;
      return t > 1e-4 ? t : Infinity;
    }
    normal() {
      return new Vector(0, 1, 0);
    }
  }

  const scene = [
    new Floor(),
    new Sphere(new Vector(0, 0, -4), 1, 0.9, 0.4),
    new Sphere(new Vector(-1.8, -0.4, -3.2), 0.6, 0.5, 0.2),
    new Sphere(new Vector(1.6, -0.5, -3), 0.5, 0.7, 0.6),
    new Sphere(new Vector(0.5, 1.2, -5), 0.7, 0.8, 0.1),
  ];
  const light = new Vector(4, 6, 2);

  function nearest(from, along) {
    let best = Infinity;
    let thing = null;
    for (const candidate of scene) {
      const t = candidate.hit(from, along);
      if (t < best) {
        best = t;
        thing = candidate;
      }
    }
    return thing && { thing, point: from.plus(along.times(best)) };
  }

  function trace(from, along, depth) {
    const found = nearest(from, along);
    if (found === null) return 0.2 + 0.3 * Math.max(0, along.y);
    const { thing, point } = found;
    const normal = thing.normal(point);
    const toLight = light.minus(point).unit();
    const shadow = nearest(point, toLight) !== null;
    const lit = shadow ? 0.1 : 0.1 + 0.9 * Math.max(0, normal.dot(toLight));
    const own = thing.color * lit;
    if (depth === 0 || thing.mirror === 0) return own;
    const bounced = along.minus(normal.times(2 * normal.dot(along)));
    return own * (1 - thing.mirror) + trace(point, bounced, depth - 1) * thing.mirror;
  }

  function render(width, height) {
    const eye = new Vector(0, 0, 0);
    let h = 0;
    for (let py = 0; py < height; py++) {
      for (let px = 0; px < width; px++) {
        const along = new Vector((px - width / 2) / height, (height / 2 - py) / height, -1).unit();
        h = (Math.imul(h, 31) + Math.round(trace(eye, along, 2) * 255)) | 0;
      }
    }
    return h;
  }

  return String(render(104, 72));
})();
