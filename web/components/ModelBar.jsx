/** Which model is open, and its weights as files. */
import { modelLine } from '../format/model_line.js';
import { useApp } from './context.js';
import { Button, FileButton } from './fields.jsx';

/** Which model reads the passage. */
export function ModelLine() {
  const { store, actions } = useApp();
  const model = store.model.value;
  return (
    <p class="label model-line">
      <span data-testid="model">
        {model ? modelLine(model, store.step.value) : store.busy.value ? 'Opening the model…' : 'No model is open.'}
      </span>
      {model && model.origin !== 'example' && (
        <Button class="link" off={store.busy.value} onClick={actions.showExample}>
          Back to the example
        </Button>
      )}
    </p>
  );
}

/** The weights as files. */
export function Weights() {
  const { store, actions } = useApp();
  const model = store.model.value;
  const trained = store.step.value > (model?.step ?? 0);
  return (
    <div class="buttons weights">
      <FileButton
        id="weights-file"
        label="Open weights"
        accept=".safetensors,.pt,.pth"
        small
        testId="weights-input"
        onFiles={actions.useFiles}
      />
      <Button
        class="button small"
        off={!model || store.busy.value}
        data-testid="download"
        onClick={() => actions.downloadWeights(false)}
      >
        Download weights
      </Button>
      {trained && (
        <Button
          class="button small"
          off={store.busy.value}
          title="Three times as large: with what the optimiser needs to go on"
          data-testid="download-resumable"
          onClick={() => actions.downloadWeights(true)}
        >
          …to train on later
        </Button>
      )}
    </div>
  );
}
