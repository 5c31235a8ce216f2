/** Presets: the sets of settings that have a name, on the page, on the command line and in addresses. */

/** @typedef {import('./settings.js').Settings} Settings */

/**
 * Named sets of changes to the defaults.
 * @type {Readonly<Record<string, {label: string, help: string, changes: Partial<Settings>}>>}
 */
export const PRESETS = /* @__PURE__ */ Object.freeze({
  quick_start: {
    label: 'Quick start',
    help: 'The residual wiring with n-grams, spans and recall: learns a readable amount in a minute on a laptop.',
    changes: {
      wiring: 'residual', hidden_size: 96, num_levels: 2, level_rules: 'rise', level_thresholds: '0.5', level_target_rates: '5.5',
      level_blocks: '1,0', level_learning_rate_factors: '1,0.5', ngram_order: 6, ngram_rows: 8192, span_order: 2, recall: true, carry_state: true, segment_length: 256, sequence_length: 64, batch_size: 8, learning_rate: 3e-3,
      weight_decay: 0.05, weight_averaging: 0.2, clip_norm: 1, max_steps: 3000, eval_every: 500, eval_early: true, val_max_batches: 40, sample_bytes: 160,
    },
  },
  ten_minutes: {
    label: 'Ten minutes',
    help: 'Quick start made wider, with dropout and smaller tables, which a text of a megabyte or two does not overfit.',
    changes: {
      wiring: 'residual', hidden_size: 128, num_levels: 2, level_widths: '128,256', level_rules: 'rise', level_thresholds: '0.5', level_target_rates: '5.5',
      level_blocks: '1,0', level_learning_rate_factors: '1,0.5', ngram_order: 6, ngram_rows: 2048, span_order: 2, recall: true, carry_state: true, segment_length: 256, sequence_length: 64, batch_size: 8, learning_rate: 3e-3,
      dropout: 0.15, weight_decay: 0.05, weight_averaging: 0.2, clip_norm: 1, max_steps: 20000, eval_every: 1000, eval_early: true, val_max_batches: 40, sample_bytes: 160,
    },
  },
  long_text: {
    label: 'Longer text',
    help: 'A level above words, with larger tables of n-grams and spans, for texts of several megabytes: ten minutes or more.',
    changes: {
      wiring: 'residual', hidden_size: 96, num_levels: 2, level_rules: 'whitespace', level_blocks: '1,0',
      ngram_order: 6, ngram_rows: 16384, span_order: 2, recall: true, carry_state: true, segment_length: 1024, sequence_length: 64, batch_size: 8, learning_rate: 4e-3, schedule: 'cosine', warmup_steps: 50, clip_norm: 1,
      max_steps: 45000, eval_every: 1500, eval_early: true, val_max_batches: 40, sample_bytes: 160,
    },
  },
  mirror_quick_start: {
    label: 'Quick start, prototype’s wiring',
    help: 'What quick start was before the residual wiring.',
    changes: {
      hidden_size: 96, sequence_length: 256, batch_size: 2, learning_rate: 4e-3, schedule: 'cosine', warmup_steps: 50,
      clip_norm: 1, max_steps: 3500, eval_every: 250, eval_early: true, byte_entropy_threshold: 10, meta_uncertainty_threshold: 0.3, sample_bytes: 160,
    },
  },
  prototype: { label: 'Prototype defaults', help: 'Exactly what the PyTorch prototype used.', changes: {} },
});

/**
 * The changes to the defaults that a preset names, or what is wrong with the name.
 * @param {string} name  with underscores or hyphens
 * @returns {{changes: Partial<Settings>, error?: undefined}|{error: string, changes?: undefined}}
 */
export function readPreset(name) {
  const known = name.replaceAll('-', '_');
  if (Object.hasOwn(PRESETS, known)) return { changes: PRESETS[known].changes };
  return { error: `There is no preset ${name}: choose one of ${Object.keys(PRESETS).join(', ')}.` };
}
