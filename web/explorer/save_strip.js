/** What the strip shows, as a file. */
import { isolated } from '../../wasm/files/formats/names.js';
import { canvasToPng, fileName, saveBlob, svgToFile } from '../export/figure_files.js';
import { SvgContext } from '../export/svg_context.js';
import { integer } from '../format/numbers.js';
import { readPalette } from '../hierarchy/palette.js';
import { sceneOf } from './scene.js';
import { drawStrip } from './strip.js';
import { axisOf, stripLayout } from './strip_layout.js';

/** Pixels of a PNG a CSS pixel; width of the picture where the page is narrower; room below for the caption. */
const [SCALE, LEAST_WIDTH, CAPTION] = [2, 720, 26];

/**
 * @param {'svg'|'png'} kind
 * @param {import('../state/store.js').Store} store
 * @param {import('../state/app.js').App['actions']} actions
 */
export async function saveStrip(kind, store, actions) {
  const strip = document.querySelector('.strip') ?? document.body;
  const palette = readPalette(strip);
  const trace = store.trace.value;
  if (!trace) return;
  const width = Math.max(LEAST_WIDTH, strip.clientWidth);
  const layout = stripLayout({ levels: trace.levels.length, width, folded: store.folded.value });
  const window = actions.shownWindow();
  const axis = axisOf(layout, window);
  const [first, last] = [
    Math.floor(window.from) + 1,
    Math.min(trace.text.length, Math.ceil(window.from + window.span)),
  ];
  const own = store.passage.value.own !== null;
  const name = own ? 'own words' : (store.text.value?.name ?? 'text');
  const caption = `${isolated(name)}, bytes ${integer(first)}–${integer(last)} of the passage`;
  const file = fileName([name, 'hierarchy', first, last], kind);

  /** @param {import('./strip.js').Context} context */
  const draw = (context) => {
    const scene = sceneOf(store, { context, layout, axis, palette });
    if (scene) drawStrip(scene);
    context.font = `11px ${palette.mono}`;
    context.textAlign = 'right';
    context.textBaseline = 'middle';
    context.fillStyle = palette.soft;
    context.fillText(caption, axis.left + axis.width, layout.height + CAPTION / 2 - 2);
  };

  if (kind === 'svg') {
    const context = new SvgContext(layout.width, layout.height + CAPTION);
    draw(context);
    saveBlob(svgToFile(context.toString({ title: caption, background: palette.sheet })), file);
    return;
  }
  const canvas = document.createElement('canvas');
  canvas.width = Math.round(layout.width * SCALE);
  canvas.height = Math.round((layout.height + CAPTION) * SCALE);
  const context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext('2d'));
  context.scale(SCALE, SCALE);
  draw(context);
  // Behind everything: drawing clears what it draws on.
  context.globalCompositeOperation = 'destination-over';
  context.fillStyle = palette.sheet;
  context.fillRect(0, 0, layout.width, layout.height + CAPTION);
  saveBlob(await canvasToPng(canvas), file);
}
