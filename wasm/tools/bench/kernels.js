/** The kernels on their own, at a model's shapes: how fast each is, and what the machine could do at most. */
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { compile, Instance } from '../../engine/module.js';
import { BINDINGS, buildModule, coreSources } from '../build.js';
import { ROOT } from '../setup/run.js';

const BENCH_WASM = 'build/bench.wasm';

/**
 * What a kernel takes.
 * @typedef {object} KernelRow
 * @property {string} name
 * @property {string} unit   what `each` is about
 * @property {number} each   nanoseconds a unit
 * @property {number} [gflops]  of products
 * @property {number} [share]   of the peak
 */

/** @param {number} width */
const padded = (width) => Math.ceil(width / 8) * 8;

/** Runs of a kernel that last long enough to count. */
const LEAST_RUNS = 5;

/** Milliseconds of one look at the peak. */
const LOOK_MS = 1.5;

/** The kernels by themselves, timed in a module that is built for it. */
export class Kernels {
  /** Builds and loads the module. */
  static async open() {
    await buildModule(BENCH_WASM, [...coreSources(), BINDINGS, 'wasm/tools/bench/kernels.c']);
    return new Kernels(new Instance(await compile(await readFile(path.join(ROOT, BENCH_WASM)))));
  }

  /** @param {Instance} core */
  constructor(core) {
    this.core = core;
    /** Every look at the peak so far, GFLOP/s. @type {number[]} */
    this.looks = [];
    this.rounds = 1000;
    // The compiler's better code comes after a while.
    for (let i = 0; i < 100; i++) this.lookAtPeak();
    this.looks = [];
  }

  /** GFLOP/s of multiplications and additions: what one look in ten exceeds, since clocks of virtual machines sometimes jump. */
  get peak() {
    return this.looks.toSorted((a, b) => a - b)[Math.floor(0.9 * this.looks.length)];
  }

  /** Looks at the peak for a moment. */
  lookAtPeak() {
    const start = performance.now();
    const flops = this.core.call.acb_peak(this.rounds);
    const ms = performance.now() - start;
    this.looks.push(flops / ms / 1e6);
    if (ms < LOOK_MS) this.rounds = Math.ceil(this.rounds * Math.min(10, (1.1 * LOOK_MS) / ms));
  }

  /**
   * The fastest of several runs of an exported function.
   * @param {string} name
   * @param {number[]} args  after the number of times
   * @param {number} seconds  to spend
   * @returns {number} what it does in a nanosecond
   */
  rate(name, args, seconds) {
    const run = this.core.call[name];
    let times = 1;
    let best = 0;
    const end = performance.now() + seconds * 1000;
    for (let runs = 0; runs < LEAST_RUNS || performance.now() < end; ) {
      this.lookAtPeak();
      const start = performance.now();
      const work = run(times, ...args);
      const ms = performance.now() - start;
      best = Math.max(best, work / ms / 1e6);
      if (ms < 1) times *= 2;
      else runs++;
    }
    return best;
  }

  /**
   * Every kernel at the shapes of a model.
   * @param {{hidden: number, batch: number, length: number}} shape
   * @param {number} seconds  to spend on each
   * @returns {KernelRow[]}
   */
  measure({ hidden: h, batch, length }, seconds) {
    const { core } = this;
    const p = padded(h);
    const symbols = core.constants.AC_SYMBOLS;
    const out = padded(symbols);
    const rows = batch * length;
    const headRows = core.call.acb_head_rows();
    const kept = core.used;
    /** Numbers of ordinary size. @param {number} n */
    const numbers = (n) => {
      const at = core.take(4 * n);
      const view = core.floats(at, n);
      for (let i = 0; i < n; i++) view[i] = ((i * 7919) % 1009) / 1009 - 0.5;
      return at;
    };
    const wide = Math.max(3 * p, out);
    const gates = numbers(rows * 4 * p);
    const states = numbers(Math.max(rows * p, headRows * out));
    const other = numbers(Math.max(rows * p, headRows * out));
    const weights = numbers(wide * Math.max(p, h));
    const bias = numbers(wide);
    const result = numbers(Math.max(wide * p, batch * 3 * p));
    const scratch = numbers(core.call.acb_gradient_scratch(Math.max(h, symbols), h));
    const recurrent = numbers(batch * 3 * p);
    const moments = numbers(h * h);
    core.floats(moments, h * h).fill(0);
    /** @type {[name: string, call: string, args: number[]][]} */
    const products = [
      ['input product of all rows', 'acb_gemm', [rows, 3 * p, h, states, p, weights, bias, gates, 4 * p]],
      ['recurrent product of a time step', 'acb_gemm', [batch, 3 * p, h, states, p, weights, bias, recurrent, 3 * p]],
      ['data gradient of all rows', 'acb_gemm', [rows, p, 3 * p, gates, 4 * p, weights, 0, other, p]],
      ['data gradient of a time step', 'acb_gemm', [batch, p, 3 * p, gates, 4 * p, weights, 0, other, p]],
      ['weight gradient', 'acb_gradient', [rows, gates, 4 * p, h, states, p, h, result, scratch]],
      ['head', 'acb_gemm', [headRows, out, h, states, p, weights, bias, other, out]],
      ['weight gradient of a head', 'acb_gradient', [headRows, other, out, symbols, states, p, h, result, scratch]],
      ['one row, as in generation', 'acb_gemm', [1, 3 * p, h, states, p, weights, bias, recurrent, 3 * p]],
    ];
    /** @type {[name: string, unit: string, call: string, args: number[]][]} */
    const others = [
      ['gates', 'hidden unit', 'acb_gates', [batch, p, gates, recurrent, states, other]],
      ['gates, backward', 'hidden unit', 'acb_gates_back', [batch, p, gates, states, other, result]],
      ['softmax and its gradient', 'symbol', 'acb_softmax', [headRows, symbols, states, other]],
      ['AdamW', 'parameter', 'acb_adamw', [h * h, weights, result, moments, weights]],
      ['packing', 'weight', 'acb_pack', [h, states, weights]],
    ];
    const rates = (/** @type {string} */ call, /** @type {number[]} */ args) => this.rate(call, args, seconds);
    const fast = products.map(([name, call, args]) => ({ name, unit: 'operation', gflops: rates(call, args) }));
    const rest = others.map(([name, unit, call, args]) => ({ name, unit, each: 1 / rates(call, args) }));
    core.used = kept;
    return [...fast.map((row) => ({ ...row, each: 1 / row.gflops, share: row.gflops / this.peak })), ...rest];
  }

  /**
   * How fast so many bytes can be read again and again.
   * @param {number} bytes
   * @param {number} seconds  to spend
   * @returns {number} bytes a nanosecond
   */
  stream(bytes, seconds) {
    const { core } = this;
    const step = core.call.acb_stream_step();
    const n = Math.ceil(bytes / 4 / step) * step;
    const kept = core.used;
    const at = core.take(4 * n);
    core.floats(at, n).fill(1);
    const rate = this.rate('acb_stream', [n, at], seconds);
    core.used = kept;
    return rate;
  }
}
