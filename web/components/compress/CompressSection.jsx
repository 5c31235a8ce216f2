/** Compressing the reader's own files, and taking small ones back apart. */
import { useMemo } from 'preact/hooks';
import { byteSize, duration, fixed, percent } from '../../format/numbers.js';
import { createPacking, ENDING, outcomeText } from '../../state/packing.js';
import '../../styles/compress.css';
import { useApp } from '../context.js';
import { Button, Choices, FileButton } from '../fields.jsx';
import { ByteCosts } from './ByteCosts.jsx';
import { CostStrip } from './CostStrip.jsx';

/** @typedef {ReturnType<typeof createPacking>} Packing */

const MODES = [
  { value: 'counts', label: 'Counts' },
  { value: 'learn', label: 'Counts and a model that learns' },
  { value: 'mix', label: 'Open model and counts' },
  { value: 'model', label: 'Open model alone' },
];

/** What a way of predicting means for the reader. @type {Readonly<Record<string, string>>} */
const ABOUT = Object.freeze({
  counts:
    'Counts of what followed the last one to six bytes, learned on the way and mixed. Fast, and the small file needs nothing else to come back.',
  learn:
    'A small fresh model learns from the file on the way, and its predictions are mixed with the counts. A percent or so smaller, and several times slower. The small file needs nothing else to come back.',
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
            onClick={() => actions.pack(new Blob([/** @type {Uint8Array<ArrayBuffer>} */ (text.bytes)]), text.name)}
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
  return (
    <div class="compress-progress" data-testid="compress-progress">
      <progress max={1} value={share} aria-label={kind === 'pack' ? 'Compressed so far' : 'Taken apart so far'} />
      <p class="label">
        {percent(share)}
        {paused !== null && ', paused'}
        {plain > 0 &&
          `, ${fixed((8 * coded) / plain, 3)} bits a byte, ${byteSize(speed)} a second, ${duration((1000 * (whole - plain)) / speed)} left`}
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

/** Sizes beside one another, as bars. @param {{outcome: Extract<import('../../state/packing.js').Outcome, {kind: 'packed'}>}} props */
function Sizes({ outcome: { original, file, gzipBpb } }) {
  const rows = [
    { name: 'The file', bytes: original.size, kind: 'compress-whole' },
    ...(gzipBpb === null ? [] : [{ name: 'gzip', bytes: (gzipBpb * original.size) / 8, kind: 'compress-other' }]),
    { name: 'Here', bytes: file.size, kind: 'compress-own' },
  ];
  const most = Math.max(...rows.map(({ bytes }) => bytes), 1);
  return (
    <table class="compress-sizes">
      <caption class="visually-hidden">Sizes</caption>
      <tbody>
        {rows.map(({ name, bytes, kind }) => (
          <tr key={name}>
            <th scope="row">{name}</th>
            <td class="bar">
              <svg viewBox="0 0 100 8" preserveAspectRatio="none" aria-hidden="true">
                <rect class={kind} width={(100 * bytes) / most} height="8" />
              </svg>
            </td>
            <td>{byteSize(bytes)}</td>
            <td>{original.size > 0 ? `${fixed((8 * bytes) / original.size, 3)} bits a byte` : ''}</td>
          </tr>
        ))}
      </tbody>
    </table>
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
          <CostStrip costs={found.costs} />
          <ByteCosts original={found.original} spent={found.spent} />
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
