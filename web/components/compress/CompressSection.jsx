/** Compressing the reader's own files, and taking small ones back apart. */
import { useSignal } from '@preact/signals';
import { useMemo } from 'preact/hooks';
import { byteSize, duration } from '../../format/numbers.js';
import { createPacking, dearestStretch, ENDING, exploreStretch, outcomeText } from '../../state/packing.js';
import { blobOf } from '../../state/text.js';
import '../../styles/compress.css';
import { useApp } from '../context.js';
import { Button, Choices, FileButton } from '../fields.jsx';
import { ByteCosts, STRETCH } from './ByteCosts.jsx';
import { CostStrip } from './CostStrip.jsx';
import { howFar, SIZES } from './packing_sentences.js';
import { SizeBars } from './SizeBars.jsx';
import { WhoPaid } from './WhoPaid.jsx';

/** @typedef {ReturnType<typeof createPacking>} Packing */
/** @typedef {import('../../state/packing.js').Packed} Packed */

const MODES = [
  { value: 'learn', label: 'A model that learns, and counts' },
  { value: 'counts', label: 'Counts alone' },
  { value: 'mix', label: 'Open model and counts' },
  { value: 'model', label: 'Open model alone' },
];

/** What a way of predicting means for the reader. @type {Readonly<Record<string, string>>} */
const ABOUT = Object.freeze({
  counts:
    'Counts of what followed the last one to six bytes, learned on the way and mixed. Seven times as fast and a percent or two larger; this is how files under 8 KB and above 10 MB are taken unless you choose. The small file needs nothing else to come back.',
  learn:
    'A small fresh model learns from the file on the way, and its predictions are mixed with counts of what followed the last one to six bytes. A megabyte takes a minute or two. The small file needs nothing else to come back.',
  mix: 'The open model predicts as well, and both are mixed. Slower. The small file names this model, and only this model takes it apart: keep its weights.',
  model:
    'The open model predicts alone, which shows what it is worth. The small file names this model, and only this model takes it apart.',
});

/** @param {{packing: Packing}} props */
function Form({ packing }) {
  const { store } = useApp();
  const { job, mode, actions } = packing;
  const busy = job.value !== null;
  const text = store.text.value;
  return (
    <div class="compress-form">
      <Choices
        name="compress-mode"
        legend="Who predicts"
        value={mode.value}
        options={MODES}
        disabled={busy}
        onChange={(value) => actions.choose(/** @type {import('../../state/packing.js').Mode} */ (value))}
      />
      <p class="fine">{ABOUT[mode.value]}</p>
      <div class="buttons">
        {text && (
          <Button
            class="button primary"
            off={busy}
            data-testid="compress-text"
            onClick={() => actions.pack(blobOf(text), text.name)}
          >
            Compress the open text
          </Button>
        )}
        <FileButton
          id="compress-file"
          label={`A file, or a small one (${ENDING}) back…`}
          testId="compress-file"
          onFiles={([file]) => file && actions.take(file)}
        />
      </div>
    </div>
  );
}

/** @param {{packing: Packing}} props */
function Progress({ packing: { job, actions } }) {
  const current = job.value;
  if (!current) return null;
  const { kind, plain, coded, size, length, began, costs, paused } = current;
  const whole = kind === 'pack' ? size : (length ?? 0);
  const share = whole > 0 ? plain / whole : 0;
  const seconds = ((paused ?? performance.now()) - began) / 1000;
  const speed = plain / Math.max(seconds, 0.001);
  const left = (1000 * (whole - plain)) / speed;
  return (
    <div class="compress-progress" data-testid="compress-progress">
      <progress max={1} value={share} aria-label={kind === 'pack' ? 'Compressed so far' : 'Taken apart so far'} />
      <p class="label">
        {howFar({ share, paused: paused !== null, begun: plain > 0, bits: (8 * coded) / plain, speed, left })}
      </p>
      {costs && <CostStrip costs={costs} />}
      <div class="buttons">
        <button type="button" class="button small" data-testid="compress-pause" onClick={actions.hold}>
          {paused === null ? 'Pause' : 'Go on'}
        </button>
        <button type="button" class="button small" data-testid="compress-stop" onClick={actions.stop}>
          Stop
        </button>
        <p class="fine">It goes on while the tab is hidden. After a reload it begins anew.</p>
      </div>
    </div>
  );
}

/** What is said about other ways to compress in the browser, besides those that are drawn. */
const NOTHING_ELSE =
  'Deflate is gzip with twelve bytes less around it. Pages of this browser have no other way to compress: bzip2, xz and zstd are not there.';

/** Sizes beside those of the browser's own compressors. @param {{outcome: Packed}} props */
function Sizes({ outcome: { original, file, sizes } }) {
  const others = sizes.map(({ format, bytes }) => ({ name: format, bytes, kind: 'compress-other' }));
  const rows = [
    { name: SIZES.original, bytes: original.size, kind: 'compress-whole' },
    ...others,
    { name: SIZES.own, bytes: file.size, kind: 'compress-own' },
  ];
  return (
    <>
      <SizeBars caption="Sizes" length={original.size} rows={rows} testId="compress-sizes" />
      {others.length === 1 && <p class="fine">{NOTHING_ELSE}</p>}
    </>
  );
}

/** Along the file: what the bytes cost, and a stretch of them. @param {{outcome: Packed}} props */
function Along({ outcome: { original, costs, spent, shares } }) {
  const { store } = useApp();
  const from = useSignal(0);
  const last = Math.max(0, spent.length - STRETCH);
  const go = (/** @type {number} */ begin) => {
    from.value = Math.max(0, Math.min(last, Math.round(begin)));
  };
  if (spent.length === 0) return <CostStrip costs={costs} shares={shares} />;
  return (
    <>
      <CostStrip costs={costs} shares={shares} onPlace={(place) => go(place * spent.length - STRETCH / 2)} />
      <ByteCosts original={original} spent={spent} from={from} />
      <div class="buttons">
        <button
          type="button"
          class="button small"
          data-testid="compress-dearest"
          onClick={() => go(dearestStretch(spent, STRETCH))}
        >
          The dearest stretch
        </button>
        <button
          type="button"
          class="button small"
          data-testid="compress-explore"
          onClick={async () => {
            await exploreStretch(store, original, from.value, STRETCH);
            document.getElementById('hierarchy')?.focus();
          }}
        >
          Open it in the explorer
        </button>
      </div>
    </>
  );
}

/** @param {{packing: Packing}} props */
function Outcome({ packing: { outcome, actions } }) {
  const found = outcome.value;
  if (!found) return null;
  return (
    <div class="compress-outcome" data-testid="compress-outcome">
      <p class="text-name">
        <strong>
          <bdi>{found.name}</bdi>
        </strong>
        <span class="label">
          {byteSize(found.file.size)}, in {duration(found.ms)}
        </span>
      </p>
      {found.kind === 'packed' ? (
        <>
          <Sizes outcome={found} />
          <WhoPaid outcome={found} />
          <Along key={found.file} outcome={found} />
        </>
      ) : (
        <p data-testid="compress-verified">{outcomeText(found)}</p>
      )}
      <div class="buttons">
        <button type="button" class="button small primary" data-testid="compress-save" onClick={actions.save}>
          Download
        </button>
        {found.kind === 'packed' && (
          <button type="button" class="button small" data-testid="compress-check" onClick={() => actions.check()}>
            Take it back apart
          </button>
        )}
      </div>
    </div>
  );
}

export default function CompressSection() {
  const { packing } = useApp();
  const own = useMemo(() => packing(createPacking), []);
  const { outcome, problem } = own;
  return (
    <>
      <div class="section-head">
        <h2>Compress</h2>
        <p>
          Who predicts well needs few bits: what was expected costs next to nothing, a surprise is dear. The small file
          comes back byte for byte, in every browser and on every machine, since every engine computes the same bits.
        </p>
      </div>
      <div class="compress-grid">
        <Form packing={own} />
        <div>
          <Progress packing={own} />
          <Outcome packing={own} />
          {problem.value && (
            <p class="problem" role="alert" data-testid="compress-problem">
              {problem.value}
            </p>
          )}
        </div>
      </div>
      <p class="visually-hidden" role="status">
        {outcome.value ? outcomeText(outcome.value) : ''}
      </p>
    </>
  );
}
