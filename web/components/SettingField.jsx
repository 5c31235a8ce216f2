/** One setting as a field: made from its entry in the list of settings. */
import { useSignal } from '@preact/signals';
import { defaults } from '../../wasm/engine/settings.js';
import { useApp } from './context.js';
import { rangeOf } from './page_sentences.js';

/** @typedef {import('../../wasm/engine/settings.js').NamedSetting} Setting */

const DEFAULTS = defaults();

/** @param {string} choice */
const readable = (choice) => choice.replaceAll('_', ' ');

/** A number or a text. @param {{setting: Setting, id: string, describedBy: string}} props */
function Typed({ setting: { name, type, unit }, id, describedBy }) {
  const { store, actions } = useApp();
  /** As it is being typed: “0.” is on its way to 0.2. */
  const typed = useSignal('');
  const value = store.settings.value[name];
  const invalid = store.invalid.value[name];
  const same = typed.value !== '' && Number(typed.value) === value;
  return (
    <>
      <input
        id={id}
        class="input"
        type="text"
        dir="auto"
        inputMode={type === 'text' || type === 'list' ? 'text' : type === 'int' ? 'numeric' : 'decimal'}
        autocomplete="off"
        value={invalid ? invalid.raw : same ? typed.value : String(value)}
        aria-invalid={invalid ? 'true' : undefined}
        aria-describedby={describedBy}
        onInput={(e) => {
          typed.value = e.currentTarget.value;
          actions.changeSetting(name, e.currentTarget.value);
        }}
        onBlur={() => {
          typed.value = '';
        }}
      />
      {unit && <span class="label">{unit}</span>}
    </>
  );
}

/** @param {{setting: Setting, id: string, describedBy: string}} props */
function Control({ setting, id, describedBy }) {
  const { store, actions } = useApp();
  const { name, type, choices } = setting;
  const value = store.settings.value[name];
  if (type === 'flag') {
    return (
      <input
        id={id}
        class="check"
        type="checkbox"
        checked={value === true}
        aria-describedby={describedBy}
        onChange={(e) => actions.changeSetting(name, e.currentTarget.checked)}
      />
    );
  }
  if (type === 'choice') {
    return (
      <select
        id={id}
        class="input"
        value={String(value)}
        aria-describedby={describedBy}
        onChange={(e) => actions.changeSetting(name, e.currentTarget.value)}
      >
        {choices?.map((choice) => (
          <option key={choice} value={choice}>
            {readable(choice)}
          </option>
        ))}
      </select>
    );
  }
  return <Typed setting={setting} id={id} describedBy={describedBy} />;
}

/** @param {{setting: Setting, prefix?: string}} props  `prefix`: of ids, where a setting is shown twice */
export function SettingField({ setting, prefix = 'setting' }) {
  const { store } = useApp();
  const { name, label, help } = setting;
  const id = `${prefix}-${name}`;
  const invalid = store.invalid.value[name];
  const changed = store.settings.value[name] !== DEFAULTS[name];
  return (
    <div class="field">
      <label class="label" for={id}>
        {label}
        {changed && <span class="dot" title={`Default: ${DEFAULTS[name]}`} />}
      </label>
      <div class="field-row">
        <Control setting={setting} id={id} describedBy={`${id}-help`} />
      </div>
      <p class={invalid ? 'problem' : 'fine'} id={`${id}-help`}>
        {invalid ? invalid.error : help} {!invalid && <span class="range">{rangeOf(setting)}</span>}
      </p>
    </div>
  );
}
