/** A newer version of the page; it waits for the reader, and for a training to end. */
import { useApp } from './context.js';
import { updateReady } from './page_sentences.js';

export default function Update() {
  const { store, actions } = useApp();
  if (!store.update.value) return null;
  const busy = store.state.value === 'training' || store.state.value === 'paused';
  return (
    <div class="notice" role="status" data-testid="update">
      <p>{updateReady(busy)}</p>
      <div class="buttons">
        <button
          type="button"
          class="button small"
          disabled={busy}
          data-testid="update-now"
          onClick={actions.takeUpdate}
        >
          Reload with it
        </button>
        <button
          type="button"
          class="button small quiet"
          onClick={() => {
            store.update.value = null;
          }}
        >
          Later
        </button>
      </div>
    </div>
  );
}
