/** WikiText-103 from Hugging Face: what would be fetched is said before anything is. */
import { WHOLE } from '../../../wasm/files/formats/wikitext_size.js';
import { compact } from '../../format/numbers.js';
import '../../styles/data.css';
import { settingOf } from '../../../wasm/engine/settings.js';
import { useApp } from '../context.js';
import { Button } from '../fields.jsx';
import { SettingField } from '../SettingField.jsx';
import { downloadLabel } from './text_sentences.js';

/** Rows of a row group, which are fetched together, and bytes besides: each file's table of contents. */
const GROUP = 1000;
const CONTENTS = 600_000;

/** About how many bytes are fetched for these documents. @param {number} documents @param {number} heldOut */
function fetchedBytes(documents, heldOut) {
  const rows = Math.ceil(Math.min(documents, WHOLE.rows) / GROUP) * GROUP;
  const held = Math.min(
    WHOLE.heldOutBytes,
    Math.ceil(heldOut / GROUP) * GROUP * (WHOLE.heldOutBytes / WHOLE.heldOutRows),
  );
  return Math.round((rows / WHOLE.rows) * WHOLE.bytes + held + CONTENTS);
}

export default function WikiText() {
  const { store, actions } = useApp();
  const { max_documents, val_max_documents } = store.settings.value;
  const [documents, heldOutDocuments] = [max_documents, val_max_documents];
  const { value: fetched } = store.fetched;
  const known = fetched?.documents === documents && fetched.heldOutDocuments === heldOutDocuments;
  const bytes = known ? fetched.bytes : fetchedBytes(documents, heldOutDocuments);
  const fields = ['max_documents', 'val_max_documents'].map(settingOf).filter((setting) => setting !== undefined);
  return (
    <div class="wikitext" data-testid="wikitext-panel">
      <p class="fine">
        Articles of the English Wikipedia, about {compact(WHOLE.rows)} lines in all. They come from huggingface.co,
        which learns that you asked for them, and nothing else.
      </p>
      <div class="fields">
        {fields.map((setting) => (
          <SettingField key={setting.name} setting={setting} prefix="wikitext" />
        ))}
      </div>
      <div class="buttons">
        <Button
          class="button small primary"
          data-testid="wikitext-download"
          off={store.loadingText.value !== null || store.invalid.value.max_documents !== undefined}
          onClick={() => actions.downloadWikiText({ documents, heldOutDocuments, bytes })}
        >
          {downloadLabel(bytes, known)}
        </Button>
      </div>
    </div>
  );
}
