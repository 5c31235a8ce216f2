/** Files dropped, or text pasted, anywhere on the page. */
import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { useApp } from './context.js';

/** @param {EventTarget|null} target @returns {boolean} whether typing there is meant for it */
function isField(target) {
  return target instanceof Element && target.closest('input, textarea, select, [contenteditable]') !== null;
}

export function DropZone() {
  const { actions } = useApp();
  const over = useSignal(false);
  useEffect(() => {
    /** @param {DragEvent} e */
    const hasFiles = (e) => e.dataTransfer?.types.includes('Files') ?? false;
    /** @param {DragEvent} e */
    const drag = (e) => {
      if (!hasFiles(e)) return;
      e.preventDefault();
      over.value = true;
    };
    /** @param {DragEvent} e */
    const leave = (e) => {
      if (e.relatedTarget === null) over.value = false;
    };
    /** @param {DragEvent} e */
    const drop = (e) => {
      over.value = false;
      if (!hasFiles(e)) return;
      e.preventDefault();
      const entries = [...(e.dataTransfer?.items ?? [])].map((item) => item.webkitGetAsEntry?.() ?? null);
      if (entries.some((entry) => entry?.isDirectory)) actions.useEntries(entries);
      else actions.useFiles(e.dataTransfer?.files ?? []);
    };
    /** @param {ClipboardEvent} e */
    const paste = (e) => {
      if (isField(e.target)) return;
      const files = e.clipboardData?.files;
      const text = e.clipboardData?.getData('text/plain');
      if (files && files.length > 0) actions.useFiles(files);
      else if (text) actions.usePasted(text);
    };
    const ends = new AbortController();
    const options = { signal: ends.signal };
    window.addEventListener('dragover', drag, options);
    window.addEventListener('dragleave', leave, options);
    window.addEventListener('drop', drop, options);
    window.addEventListener('paste', paste, options);
    return () => ends.abort();
  }, []);
  return over.value ? <div class="drop">Drop texts to train on, a folder of them, or a model’s weights</div> : null;
}
