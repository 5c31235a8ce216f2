/**
 * Reverse-mode differentiation over small matrices in double precision.
 *
 * Every operation computes its result at once and records on the tape how a gradient of the result becomes gradients of
 * its inputs; `backward` plays the tape in reverse. A matrix that no gradient reaches keeps `grad === null`, which
 * distinguishes "this parameter has no gradient" from "its gradient is zero".
 */

/**
 * @typedef {object} Matrix
 * @property {number} rows
 * @property {number} cols
 * @property {Float64Array} data        [rows][cols], row-major
 * @property {Float64Array|null} grad   the same shape, null until a gradient arrives
 */

/**
 * The gradient of a matrix, to be added to; zeros at the first call.
 * @param {Matrix} m
 * @returns {Float64Array} [rows][cols]
 */
export function gradientOf(m) {
  m.grad ??= new Float64Array(m.data.length);
  return m.grad;
}

/** @param {Matrix} a @param {Matrix} b */
function requireSameShape(a, b) {
  if (a.rows !== b.rows || a.cols !== b.cols) {
    throw new Error(`Shapes [${a.rows}][${a.cols}] and [${b.rows}][${b.cols}] differ.`);
  }
}

export class Tape {
  /** @type {{result: Matrix, backward: (grad: Float64Array) => void}[]} */
  #notes = [];

  /**
   * A matrix that is not computed on the tape: a parameter or a constant. The data is not copied.
   * @param {number} rows
   * @param {number} cols
   * @param {Float64Array} [data]  zeros if left out
   * @returns {Matrix}
   */
  leaf(rows, cols, data = new Float64Array(rows * cols)) {
    if (data.length !== rows * cols) throw new Error(`${data.length} values do not make [${rows}][${cols}].`);
    return { rows, cols, data, grad: null };
  }

  /**
   * The result of an operation.
   * @param {number} rows
   * @param {number} cols
   * @param {Float64Array} data
   * @param {(grad: Float64Array) => void} backward  given the result's gradient, adds to those of the inputs
   * @returns {Matrix}
   */
  record(rows, cols, data, backward) {
    const result = this.leaf(rows, cols, data);
    this.#notes.push({ result, backward });
    return result;
  }

  /**
   * Fills `grad` of everything that `scalar` depends on. Call it once for each tape.
   * @param {Matrix} scalar  [1][1]
   */
  backward(scalar) {
    gradientOf(scalar)[0] = 1;
    for (const { result, backward } of this.#notes.toReversed()) if (result.grad) backward(result.grad);
  }

  /**
   * y = x·Wᵀ + b for every row.
   * @param {Matrix} x  [N][I]
   * @param {Matrix} weight  [O][I]
   * @param {Matrix} bias  [1][O]
   * @returns {Matrix} [N][O]
   */
  linear(x, weight, bias) {
    const [N, I, O] = [x.rows, x.cols, weight.rows];
    if (weight.cols !== I || bias.data.length !== O) throw new Error('The shapes of a linear layer do not fit.');
    const y = new Float64Array(N * O);
    for (let n = 0; n < N; n++) {
      for (let o = 0; o < O; o++) {
        let sum = bias.data[o];
        for (let i = 0; i < I; i++) sum += x.data[n * I + i] * weight.data[o * I + i];
        y[n * O + o] = sum;
      }
    }
    return this.record(N, O, y, (dy) => {
      const [dx, dw, db] = [gradientOf(x), gradientOf(weight), gradientOf(bias)];
      for (let n = 0; n < N; n++) {
        for (let o = 0; o < O; o++) {
          const d = dy[n * O + o];
          db[o] += d;
          for (let i = 0; i < I; i++) {
            dx[n * I + i] += d * weight.data[o * I + i];
            dw[o * I + i] += d * x.data[n * I + i];
          }
        }
      }
    });
  }

  /**
   * A function of each element.
   * @param {Matrix} a
   * @param {(x: number) => number} f
   * @param {(x: number, y: number) => number} derivative  of f at x, where y = f(x)
   * @returns {Matrix} the shape of a
   */
  map(a, f, derivative) {
    const y = a.data.map((x) => f(x));
    return this.record(a.rows, a.cols, y, (dy) => {
      const da = gradientOf(a);
      for (let i = 0; i < dy.length; i++) da[i] += dy[i] * derivative(a.data[i], y[i]);
    });
  }

  /** @param {Matrix} a @param {number} factor */
  scale(a, factor) {
    return this.map(
      a,
      (x) => factor * x,
      () => factor,
    );
  }

  /** @param {Matrix} a */
  square(a) {
    return this.map(
      a,
      (x) => x * x,
      (x) => 2 * x,
    );
  }

  /** 1 / (1 + e^−x). @param {Matrix} a */
  sigmoid(a) {
    return this.map(
      a,
      (x) => 1 / (1 + Math.exp(-x)),
      (_x, y) => y * (1 - y),
    );
  }

  /** @param {Matrix} a */
  tanh(a) {
    return this.map(a, Math.tanh, (_x, y) => 1 - y * y);
  }

  /** ln(1 + e^x), whose derivative is the sigmoid. @param {Matrix} a */
  softplus(a) {
    const softplus = (/** @type {number} */ x) => Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)));
    return this.map(a, softplus, (x) => 1 / (1 + Math.exp(-x)));
  }

  /** max(x, 0). @param {Matrix} a */
  positivePart(a) {
    return this.map(
      a,
      (x) => Math.max(x, 0),
      (x) => (x > 0 ? 1 : 0),
    );
  }

  /** a + b. @param {Matrix} a @param {Matrix} b  the same shape */
  add(a, b) {
    requireSameShape(a, b);
    return this.record(
      a.rows,
      a.cols,
      a.data.map((x, i) => x + b.data[i]),
      (dy) => {
        const [da, db] = [gradientOf(a), gradientOf(b)];
        for (let i = 0; i < dy.length; i++) {
          da[i] += dy[i];
          db[i] += dy[i];
        }
      },
    );
  }

  /** a − b. @param {Matrix} a @param {Matrix} b  the same shape */
  subtract(a, b) {
    return this.add(a, this.scale(b, -1));
  }

  /** a ⊙ b, element by element. @param {Matrix} a @param {Matrix} b  the same shape */
  multiply(a, b) {
    requireSameShape(a, b);
    return this.record(
      a.rows,
      a.cols,
      a.data.map((x, i) => x * b.data[i]),
      (dy) => {
        const [da, db] = [gradientOf(a), gradientOf(b)];
        for (let i = 0; i < dy.length; i++) {
          da[i] += dy[i] * b.data[i];
          db[i] += dy[i] * a.data[i];
        }
      },
    );
  }

  /** The same values, held constant: no gradient passes. @param {Matrix} a */
  constant(a) {
    return this.leaf(a.rows, a.cols, a.data);
  }

  /** The mean over all elements. @param {Matrix} a @returns {Matrix} [1][1] */
  mean(a) {
    const count = a.data.length;
    const mean = a.data.reduce((sum, x) => sum + x, 0) / count;
    return this.record(1, 1, Float64Array.of(mean), (dy) => {
      const da = gradientOf(a);
      for (let i = 0; i < count; i++) da[i] += dy[0] / count;
    });
  }
}
