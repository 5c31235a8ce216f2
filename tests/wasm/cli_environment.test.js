import assert from 'node:assert/strict';
import { after, describe, it } from 'node:test';
import { cli, lineOf, TINY, workFolder, wrongSetting } from './support/cli.js';

const { at, textFile, succeeds, checkpoint, remove } = workFolder();
after(remove);
const TEXT = ['--text-file', textFile];

describe('train:adaptive and train:baseline', () => {
  it('take settings from the environment; flags win', async () => {
    const env = {
      SEQUENCE_LENGTH: '16',
      BATCH_SIZE: '3',
      HIDDEN_SIZE: '12',
      MAX_STEPS: '2',
      SHUFFLE: 'off',
      OUTPUT: at('env'),
      MODEL_TYPE: 'adaptive',
      DROPOUT: '',
    };
    await succeeds('train-baseline', [...TEXT, '--batch-size', '2'], { env });
    const { settings } = checkpoint('env');
    assert.deepEqual(
      [
        settings.model_type,
        settings.sequence_length,
        settings.batch_size,
        settings.max_steps,
        settings.shuffle,
        settings.dropout,
      ],
      ['baseline', 16, 2, 2, false, 0],
    );
    await succeeds('train-adaptive', [...TEXT, ...TINY], { env: { MAX_STEPS: '1', OUTPUT: at('env2') } });
    assert.equal(checkpoint('env2').settings.model_type, 'adaptive');
    const wrong = await cli('train-adaptive', TEXT, { env: { BATCH_SIZE: 'many' } });
    assert.deepEqual([wrong.status, wrong.stderr], [2, lineOf('train-adaptive', wrongSetting('BATCH_SIZE', 'many'))]);
  });

  it('have a model type of their own, and train has no environment', async () => {
    assert.equal((await cli('train-baseline', ['--model-type', 'adaptive'])).status, 2);
    await succeeds('train', [...TEXT, ...TINY, '--max-steps', '1', '--output', at('noenv')], {
      env: { NUM_LEVELS: '1' },
    });
    assert.equal(checkpoint('noenv').settings.num_levels, 3);
  });
});
