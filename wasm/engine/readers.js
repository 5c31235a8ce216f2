/**
 * Who reads with a model's weights while it may go on training: all in one memory, and those that read the same weights
 * share one copy of them.
 */
import { Probe, streamModel } from './probe.js';

/** @typedef {import('./core.js').Model} Model */
/** @typedef {import('./settings.js').Settings} Settings */
/** Weights as they were in a model at one of its versions. @typedef {{model: Model, of: Model|null, version: number}} Copy */

/** Readers of one model, by name. */
export class Readers {
  /**
   * @param {{lead: Model}} group  has the model, perhaps another one later; one that only reads lends its own weights
   * @param {Settings} settings
   */
  constructor(group, settings) {
    this.group = group;
    this.settings = settings;
    /** @type {Copy[]} */
    this.copies = [];
    /** The copy that each reader has. @type {Map<string, Copy>} */
    this.held = new Map();
    /** @type {Map<string, Probe>} */
    this.probes = new Map();
  }

  /** Bytes of memory in use. */
  get memoryBytes() {
    return this.copies[0]?.model.core.used ?? 0;
  }

  /**
   * The model's present weights, which stay as they are until this reader asks again or is done.
   * @param {string} name  of the reader
   * @returns {Model} that lends them
   * @throws {import('./module.js').CoreError} `too_big`
   */
  weights(name) {
    const { copies, held } = this;
    const { lead } = this.group;
    if (lead.reads) return lead;
    held.delete(name);
    let copy = copies.find(({ of, version }) => of === lead && version === lead.version);
    if (!copy) {
      const read = new Set(held.values());
      copy = copies.find((each) => !read.has(each)) ?? this.#add();
      copy.model.setParameters(lead.weights);
      copy.model.thresholds.set(lead.thresholds);
      Object.assign(copy, { of: lead, version: lead.version });
    }
    held.set(name, copy);
    return copy.model;
  }

  /** @returns {Copy} */
  #add() {
    const { group, settings, copies } = this;
    const copy = { model: streamModel(group.lead.module, settings, copies[0]?.model.core), of: null, version: 0 };
    copies.push(copy);
    return copy;
  }

  /**
   * A reader with the model's present weights, at the start of a text: one for each name.
   * @param {string} name
   * @returns {Probe}
   * @throws {import('./module.js').CoreError} `leaks` in teacher-forced mode, `too_big`
   */
  probe(name) {
    const model = this.weights(name);
    const probe = this.probes.get(name);
    if (probe) {
      probe.readWith(model);
      return probe;
    }
    const made = new Probe(model.module, this.settings, model);
    this.probes.set(name, made);
    return made;
  }

  /** The reader needs its weights no longer. @param {string} name */
  done(name) {
    this.held.delete(name);
  }
}
