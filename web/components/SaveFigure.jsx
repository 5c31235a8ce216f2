/** A figure as a file: SVG or PNG. */
import { useApp } from './context.js';

/** @param {{name: string, drawing: () => SVGSVGElement|null}} props  `name`: of the files; `drawing`: an element in the document */
export function SaveFigure({ name, drawing }) {
  const { store } = useApp();
  /** @param {'svg'|'png'} kind */
  const save = async (kind) => {
    const element = drawing();
    if (!element) return;
    const { fileName, saveBlob, svgToFile, svgToPng } = await import('../export/figure_files.js');
    const background = getComputedStyle(element).getPropertyValue('--sheet').trim();
    try {
      const blob = kind === 'svg' ? svgToFile(element, { background }) : await svgToPng(element, { background });
      saveBlob(blob, fileName(['adaptive-compressor', name], kind));
    } catch {
      store.notice.value = {
        kind: 'problem',
        message: 'This figure could not be made into a picture: save it as SVG.',
        reason: 'no_picture',
      };
    }
  };
  return (
    <div class="figure-files">
      <span class="label">Save as</span>
      <button type="button" class="button small quiet" data-testid={`${name}-svg`} onClick={() => save('svg')}>
        SVG
      </button>
      <button type="button" class="button small quiet" data-testid={`${name}-png`} onClick={() => save('png')}>
        PNG
      </button>
    </div>
  );
}
